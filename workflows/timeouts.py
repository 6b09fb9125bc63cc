"""Every timeout and retry policy, each with its reason."""

from datetime import timedelta

from temporalio.common import RetryPolicy

PERMANENT = [
    # A bug or a broken input: the same call will fail the same way.
    "TypeError",
    "ValueError",
    "KeyError",
    "LookupError",
    "AttributeError",
    "AssertionError",
    "ValidationError",
    "LedgerConflict",
]

# The store may be away for as long as a disk is full: keep trying, lose nothing. Anything else is
# worth a few tries; the interceptor counts them, since a policy cannot tell the two apart.
KEEP_TRYING = RetryPolicy(
    initial_interval=timedelta(milliseconds=100),
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=PERMANENT,
)

# The same for models, which take longer to come back.
KEEP_ASKING = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=PERMANENT,
)

# Waiting for somebody else's workflow: if that cannot be read, a human has to look.
A_FEW_TRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=20),
    maximum_attempts=4,
    non_retryable_error_types=PERMANENT,
)

# A local activity that takes longer than this holds up the workflow task; 10 s is its limit.
LOCAL = timedelta(seconds=30)

# One attempt of an outside write has a deadline of 8 s; this leaves it room to report.
EFFECT = timedelta(seconds=12)

# A place (Slack, Jira) may be away for so long until a message to it is given up and said to be;
# a card's update for so long, since the next one says more.
PATIENCE = timedelta(hours=1)
UPDATE = timedelta(minutes=1)

# Somebody waits at a terminal for what comes of a retry; longer than the lease of one attempt.
RETRIED = timedelta(minutes=2)

# Reading an issue or a thread again takes a few requests of at most 5 s each, and a hand-over.
READ_AGAIN = timedelta(seconds=60)

# A wait that is over already takes a timer all the same: whether it is over is told by the clock,
# which may read otherwise in a replay, and then the commands would not be the same.
SHORTEST = timedelta(milliseconds=1)

# Some fifty tickets at a few requests each; a store of before first has its texts sealed, which
# takes minutes where it is large.
SWEEP = timedelta(minutes=30)

# All senses look side by side and have 25 s together; the rest is for keeping what they found.
OBSERVE = timedelta(seconds=60)

# A model call may take two minutes; a dead worker is noticed within three missed heartbeats.
MODEL = timedelta(seconds=180)
MODEL_HEARTBEAT = timedelta(seconds=30)

# Waiting for a remedy that an earlier run started; it heartbeats, so a crash is noticed early.
FOLLOW = timedelta(minutes=30)
FOLLOW_HEARTBEAT = timedelta(seconds=30)

# Added to a remedy's own time limit, so that the host's worker may be away for a while.
REMEDY_GRACE = timedelta(minutes=10)

CHECK_ATTEMPTS = RetryPolicy(maximum_attempts=3, initial_interval=timedelta(seconds=1))

# A call of somebody else's tool: 30 s for its answer, the rest for reaching and leaving its server.
WRITE = timedelta(seconds=60)

# An HTTP call is tried for so long; its workflow, which has ten minutes more than the two that a
# remedy has, is there to say what came of it.
CALLED = timedelta(minutes=10)

# It has no key by which its server could tell a second call from the first: never twice.
ONCE = RetryPolicy(maximum_attempts=1)
