"""An audit in every form: whatever stands in it, it can be written, and nothing that was left out is hidden."""

import pytest
from hypothesis import HealthCheck, given, settings
from rich.cells import cell_len

from bugbridge.core.audit_model import Audit
from bugbridge.render.audit_reasons import left_out
from bugbridge.render.audits import Form, written_audit
from tests.render.audit_samples import SAMPLES
from tests.render.audit_strategies import audits

ZONE = "America/New_York"
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_has_every_form(sample: str, form: Form) -> None:
    """Rich, few, three, none, of a file, and hostile ones."""
    assert written_audit(SAMPLES[sample](), form, ZONE).strip()


@SLOW
@given(audits())
def test_any_audit_can_be_written(audit: Audit) -> None:
    """Years 1 and 9999, names of any text and figures that are lacking stop no form."""
    for form in (Form.TEXT, Form.MARKDOWN, Form.CSV, Form.JSON):
        assert written_audit(audit, form, ZONE)


@SLOW
@given(audits())
def test_every_exclusion_is_counted(audit: Audit) -> None:
    """Nothing is dropped silently: each reason comes with its count."""
    text, lines = written_audit(audit, Form.TEXT, ZONE), written_audit(audit, Form.MARKDOWN, ZONE).splitlines()
    for exclusion in audit.excluded:
        assert f"{exclusion.count:,}" in text
        assert any(
            line.startswith(f"| {exclusion.count:,} | {left_out(exclusion.reason, audit)[:8]}") for line in lines
        )


@SLOW
@given(audits())
def test_no_line_is_wider_than_a_terminal(audit: Audit) -> None:
    """80 columns, also with names that are long, have no blanks, or have characters of double width."""
    assert max(map(cell_len, written_audit(audit, Form.TEXT, ZONE).splitlines())) <= 80


@SLOW
@given(audits())
def test_no_form_for_people_steers_a_terminal(audit: Audit) -> None:
    """Escapes and control characters are gone from what people read; lines end as the form says."""
    for form in (Form.TEXT, Form.MARKDOWN, Form.CSV):
        text = written_audit(audit, form, ZONE).replace("\r\n", "\n")
        assert not [character for character in text if ord(character) < 32 and character != "\n"]
