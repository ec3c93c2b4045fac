"""The errors hellokit raises: one base, each leaf also the fitting built-in.

Every message says what failed, which name it was, and what to do next.
"""


class HellokitError(Exception):
    """Base of every error that hellokit raises on its own account."""


class RequestTypeError(HellokitError, TypeError):
    """A name, locale, time or other part of a request has the wrong type."""


class RequestValueError(HellokitError, ValueError):
    """A part of a request has the right type and a value that cannot be used."""


class LocaleError(RequestValueError):
    """A locale is not a well-formed BCP 47 language tag."""


class WordingError(HellokitError, ValueError):
    """A wording breaks a rule; the message names its locale, its slot and the rule."""


class SettingsError(HellokitError, ValueError):
    """A setting has a bad value; the message names it, the value and what is allowed."""


class ChainError(HellokitError, ValueError):
    """A chain of backends is malformed, repeats a part, or puts a leaf before its end."""


class UnknownBackendError(HellokitError, LookupError):
    """No backend has this name; the message lists the names there are and the near misses."""


class BackendLoadError(HellokitError, ImportError):
    """A known backend cannot be loaded; the message names its distribution and the remedy."""


class BackendResultError(HellokitError, TypeError):
    """A backend returned something that is not a string."""


class BackendTimeoutError(HellokitError, TimeoutError):
    """A backend took too long; the message says how long it had, and what bounds it."""


class PluginError(HellokitError, RuntimeError):
    """A plugin cannot be used: it is malformed, in conflict, or failed in strict mode."""


class KitClosedError(HellokitError, RuntimeError):
    """A kit was used after it had been closed."""


class ContractError(HellokitError, TypeError):
    """A contract class redefines a check, or declares what there is not or may not be."""
