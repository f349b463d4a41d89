"""Where a secret may be said to be; never what it is."""

import re

from syndicator.config.checks import optional_path, unfit

KEPT = (
    "keep it in a file, in the environment or as a credential, and name that with secret_file, "
    "secret_env or secret_credential"
)
NEW_KEY = f"make one with: syndicate push keygen; {KEPT}"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL = re.compile(r"(?!\.)[A-Za-z0-9._@:-]{1,255}")
_MARKS = ("whsec_", "whsk_")


def variable(value: str) -> str:
    """Keep nothing, or the name of an environment variable; never the secret itself."""
    _not_itself(value)
    if value and not _VARIABLE.fullmatch(value):
        raise unfit("must be the name of a variable", 'such as "SYNDICATOR_OPS_SECRET"')
    return value


def secret_path(value: str) -> str:
    """Keep nothing, or the path of a file; never the secret itself."""
    _not_itself(value)
    return optional_path(value)


def credential(value: str) -> str:
    """Keep nothing, or the name of a credential (systemd.exec(5)); never the secret itself."""
    _not_itself(value)
    if value and not _CREDENTIAL.fullmatch(value):
        raise unfit("must be the name of a credential", 'such as "ops"')
    return value


def _not_itself(value: str) -> None:
    if value.startswith(_MARKS):
        raise unfit(
            "is the secret itself, and secrets never stand in this file",
            "name the variable or file that holds it; replace the secret if others saw this file",
        )
