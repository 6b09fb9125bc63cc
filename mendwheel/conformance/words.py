"""What tickets of a run are about: each another incident, so that no app takes two for one."""

_THINGS = (
    *("checkout", "invoice export", "login page", "image upload", "nightly report", "search"),
    *("payment callback", "address import", "push notification", "warehouse sync", "price feed"),
    *("chat widget", "password reset", "label printer"),
)
_SYMPTOMS = (
    "answers with an empty page for some customers",
    "takes longer than a minute and then gives up",
    "shows yesterday's figures to everybody",
    "refuses every second attempt without saying why",
    "stops in the middle and leaves half of the rows",
    "sends the same mail again and again",
    "mixes up the currencies of two countries",
    "is missing from the menu of new accounts",
    "writes umlauts as question marks",
    "closes the connection when the file is large",
    "counts the same order twice",
)


def ticket(number: int) -> str:
    """Words of the ticket with this number: its own thing, symptom, host and error code."""
    thing, symptom = _THINGS[number % len(_THINGS)], _SYMPTOMS[number % len(_SYMPTOMS)]
    when = f"{number % 24:02d}:{number * 7 % 60:02d}"
    return (
        f"The {thing} {symptom} since {when}. Seen on {thing.split()[0]}-{number:03d}-eu;"
        f" the log says QX{1000 + number} there, about every third time."
    )
