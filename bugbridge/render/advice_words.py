"""What an audit advises, in sentences."""

from bugbridge.core.audit_model import Advice


def advice_sentences(advice: Advice) -> tuple[str, ...]:
    """Say what the figures speak against."""
    instead = f"; {advice.instead} may serve you better" if advice.instead else ""
    return (f"The figures speak against {advice.key} = {advice.now}{instead}.",)
