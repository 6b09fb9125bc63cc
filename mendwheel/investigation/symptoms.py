"""What known trouble looks like in text, and how surely each wording names its cause."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mendwheel.investigation.vocabulary import HEALTHY


@dataclass(slots=True, frozen=True)
class Symptom:
    """`family` of fault that a piece of text speaks for, how strongly, and where it does."""

    family: str | None
    weight: float
    at: int


# Weight: 0.9 names the cause, 0.7 a clear failure, 0.5 a bad state with its cause elsewhere.
_PATTERNS: tuple[tuple[str | None, float, str], ...] = (
    (
        "memory",
        0.9,
        r"OOM-?Killed|out of memory|OutOfMemory|exit[ _]code[=: ]*137|MemoryError|"
        r"heap space|oom_score|cannot allocate memory",
    ),
    (
        "image",
        0.9,
        r"ImagePullBackOff|ErrImagePull|InvalidImageName|failed to pull( and unpack)? "
        r"image|manifest (unknown|for \S+ not found)|pull access denied|"
        r"repository does not exist|back-off pulling image",
    ),
    ("capacity", 0.92, r"Insufficient [\w./-]+|insufficient (capacity|quota)|OutOf(cpu|memory)"),
    (
        "scheduling",
        0.88,
        r"didn't match Pod's node (affinity|selector)[\w/]*|untolerated taint|"
        r"node\(s\) didn't match|MatchNodeSelector|had taint|volume node affinity",
    ),
    (
        "storage",
        0.92,
        r"storageclass[\w.]* \"?\S+ not found|ProvisioningFailed|unbound immediate "
        r"PersistentVolumeClaims?|persistentvolumeclaim \S+ not found|"
        r"FailedAttachVolume|multi-attach error",
    ),
    ("storage", 0.6, r"FailedMount|MountVolume\.\w+ failed|unable to attach or mount"),
    (
        "disk",
        0.92,
        r"no space left on device|low on resource: ephemeral-storage|disk ?pressure\W+"
        r"true|DiskPressure|disk (is )?full|storage space is critically low|"
        r"low storage space|ephemeral-storage|disk quota exceeded|StorageFull|"
        r"(volume|filesystem|storage) (is |has been )?(full|exhausted)",
    ),
    (
        "configuration",
        0.9,
        r"namespaces \"?\S+ not found|(configmap|secret)s? \"?\S+ not found|"
        r"CreateContainerConfigError|invalid (config|configuration|value|"
        r"argument|yaml)|unknown (flag|field|option)|missing (required )?"
        r"(env|environment|config|setting|parameter|key)[\w ]*|"
        r"one or more objects failed to apply|no such file or directory|"
        r"environment variable \S+ (is )?(not set|missing|required)|"
        r"couldn't find key|KeyError: '[A-Z_]+'|parse error in config",
    ),
    (
        "configuration",
        0.8,
        r"ingress ?class\S*:? +<none>|no endpoints available|"
        r"does not have any active endpoints|Endpoints: +<none>|"
        r"ingress does not contain a valid IngressClass|no matching ingress",
    ),
    (
        "policy",
        0.88,
        r"networkpolic\w+/\S*(deny|block|isolat|restrict)\S*|"
        r"(deny|block)-(all|egress|ingress)[\w-]*|default-deny[\w-]*|"
        r"blocked by network ?policy",
    ),
    (
        "dns",
        0.85,
        r"failed to resolve|could not (be )?resolved?|couldn't resolve|NameResolution"
        r"Error|name or service not known|temporary failure in name resolution|"
        r"no such host|ENOTFOUND|EAI_AGAIN|NXDOMAIN|getaddrinfo|SERVFAIL|"
        r"unknown host|dns (lookup|resolution)? ?(error|fail\w*)|bad address",
    ),
    (
        "certificate",
        0.88,
        r"x509: |certificate (has )?(expired|is not yet valid|verify failed)|"
        r"SSLHandshake\w*|tls: (bad|failed|handshake)|CERTIFICATE_VERIFY_FAILED|"
        r"expired certificate",
    ),
    (
        "permission",
        0.86,
        r"permission denied|access ?denied|\bforbidden\b|unauthorized|"
        r"\b40[13]\b (client )?(error|forbidden|unauth)|not authorized|"
        r"authentication failed|invalid (credentials|token|api key)|"
        r"password authentication failed|AccessDenied\w*|RBAC",
    ),
    (
        "connections",
        0.88,
        r"too many (connections|clients|open files)|connection pool (is )?"
        r"(exhausted|full|timed? ?out)|remaining connection slots|max_connections|"
        r"no available connection|pool (exhausted|limit)|QueuePool limit|"
        r"ConnectionPoolTimeout|unable to acquire (a )?connection|"
        r"connections? (are )?exhausted",
    ),
    ("failover", 0.9, r"failover|fail-over|multi-az"),
    (
        "node",
        0.88,
        r"Node(Not ?Ready|Lost|Unreachable)|node (is )?(not ?ready|lost|unreachable)|"
        r"kubelet (has )?stopped (posting|reporting)|KubeletNotReady|"
        r"NodeStatusUnknown|SystemOOM|kernel deadlock|instance (is )?(terminated|"
        r"retired)|hardware (failure|error)|spot interruption",
    ),
    (
        "quota",
        0.85,
        r"rate limit|too many requests|\b429\b|quota exceeded|exceeded quota|"
        r"throttl(ed|ing)",
    ),
    (
        "lag",
        0.85,
        r"replication lag|replica(s)? (is|are) (lagging|behind)|replication slot|"
        r"WAL (sender|apply) (lag|delay)",
    ),
    (
        "disk",
        0.8,
        r"checkpoint storm|checkpoints are occurring too frequently|i/o wait|"
        r"disk ?queue ?depth|autovacuum|vacuum freeze|WAL growth|IOPS (limit|exhaust)",
    ),
    (
        "cpu",
        0.75,
        r"cpu (utilization|usage|load)?[\w ]*(exceed\w*|above|high|saturat\w*|throttl\w*)|"
        r"load average|cpu starvation",
    ),
    (
        "dependency",
        0.82,
        r"host\(s\) tried for \w+ quer\w+ failed|connection (was )?(refused|reset)|"
        r"ECONNREFUSED|ECONNRESET|(could not|couldn't|cannot|unable to|failed to) "
        r"connect|no route to host|host is unreachable|network is unreachable|"
        r"upstream (connect|timed)|Mongo(Network|Server\w*|Timeout)Error|"
        r"MongoError|bad gateway|service unavailable|\b50[234]\b|"
        r"failed to connect to server|broken pipe|max retries exceeded|"
        r"wire version|incompatible (driver|version|protocol)|driver .{0,40}upgrad",
    ),
    (
        "latency",
        0.6,
        r"deadline exceeded|timed? ?out|timeout|\bslow (query|request|response)|"
        r"took too long|context deadline",
    ),
    (
        "probe",
        0.75,
        r"(liveness|readiness|startup) probe (failed|errored)|Unhealthy|"
        r"probe failed",
    ),
    (
        "data",
        0.82,
        r"schema (mismatch|validation|violation)|missing (column|field)s?|"
        r"(unexpected|null) (column|value in column)|constraint violat|duplicate key|"
        r"data (quality|validation) (check )?(error|fail\w*)|corrupt(ed|ion)? (data|"
        r"record|row|file)|malformed (record|row|payload)|type mismatch",
    ),
    (
        "code",
        0.7,
        r"NullPointer\w*|panic: |segmentation fault|Traceback \(most recent|"
        r"\b(Type|Value|Attribute|Key|Index|Assertion|Reference|Syntax|ZeroDivision|"
        r"ModuleNotFound|Import|Runtime)Error\b|unhandled (exception|promise|error)|"
        r"IllegalState\w*|IllegalArgument\w*|ClassNotFound\w*|NoMethodError|"
        r"undefined (method|variable|is not)|stack ?overflow|threw exception|"
        r"exception in thread|uncaught",
    ),
    (
        "deployment",
        0.55,
        r"ProgressDeadlineExceeded|rollout (failed|stuck)|OutOfSync|"
        r"sync failed|Phase: +Failed",
    ),
    (
        None,
        0.55,
        r"CrashLoopBackOff|BackOff\b|BackoffLimitExceeded|back-off restarting|"
        r"Evicted|FailedScheduling|FailedCreate\w*|RunContainerError|"
        r"exit[ _]code:? +[1-9]\d*|Unschedulable|ContainersNotReady|"
        r"DeadlineExceeded",
    ),
    (
        None,
        0.42,
        r"\b(fatal|critical|panic|emerg(ency)?)\b|\w+Exception\b|\bexception\b|"
        r"\berrors?\b|\bfail(ed|ure|s|ing)?\b|\bnot found\b|\bdenied\b|\brefused\b|"
        r"\bunavailable\b|\bunreachable\b|\bcrash\w*|\baborted\b|\binvalid\b|\bmissing\b",
    ),
)
_COMPILED = tuple((f, w, re.compile(p, re.I)) for f, w, p in _PATTERNS)
# One cheap test keeps quiet lines from the long list above.
_HINT = re.compile(
    r"(?i)err|fail|exce|fatal|crit|panic|warn|denied|refus|reset|time ?d? ?out|timeout|unavail|"
    r"unreach|not ?found|not ?ready|back-?off|kill|memory|oom|insuffic|taint|n't match|unbound|"
    r"pull|space|pressure|storage|ingress|<none>|deny|block|resol|known|no such|x509|certif|tls|"
    r"forbid|unauth|too many|exhaust|limit|quota|throttl|lag|checkpoint|vacuum|i/o wait|queue ?"
    r"depth|cpu|load average|tried|connect|gateway|5\d\d|429|wire|incompat|upgrad|deadline|slow|"
    r"probe|unhealthy|schema|corrupt|malformed|null|mismatch|invalid|missing|segment|uncaught|"
    r"undefined|sync|evict|schedul|exit|crash|abort|dns|nxdomain|enot|eai_|address|failover|"
    r"multi-az|nodelost|hardware|interruption|password|rbac|duplicate"
)
_PAST = re.compile(
    r"(?i)\b(recovered|has since|subsequently|auto-?(rolled back|healed|recovered)|rolled back|"
    r"roll-?back successful|resolved|restored|self-?healed|"
    r"returned to (ready|normal|service)|retried successfully|no further|no longer|"
    r"is now running|back to normal|completed successfully|terminating during rollout|"
    r"scaled to 0|successfully assigned|rollout completed|zero errors|no errors)\b"
)
_UNRESOLVED = re.compile(
    r"(?i)(n't|not|cannot|could not( be)?|never|failed to( be)?) (be )?resolve"
)
_FRUITLESS = re.compile(
    r"(?i)(\b|_)(no|0|zero|without) (errors?|failures?|warnings?|issues?)\b|error[s_]*[=:] ?(0\b|null"
    r"|none|\"\")|failed[=:] ?0\b|errors? (rate )?0(\.0+)?%|no events found"
)


@lru_cache(maxsize=4096)
def classify(text: str) -> Symptom | None:
    """The strongest symptom in one line or message; None when it holds no trouble."""
    if not _HINT.search(text) or _FRUITLESS.search(text):
        return None
    best: Symptom | None = None
    for family, weight, pattern in _COMPILED:
        if best is not None and weight <= best.weight:
            continue
        if match := pattern.search(text):
            best = Symptom(family, weight, match.start())
    if best is not None and speaks_of_recovery(text):
        return Symptom(HEALTHY, 0.5, best.at)
    return best


def speaks_of_recovery(text: str) -> bool:
    """Whether the text says that trouble is over."""
    return bool(_PAST.search(text)) and not _UNRESOLVED.search(text)
