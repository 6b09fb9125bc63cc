"""A confidence says how often such a cause is right, and changes nothing about what is claimed."""

from hypothesis import given
from hypothesis import strategies as st

from mendwheel.domain.playbook import Thresholds
from mendwheel.investigation.calibration import TRUSTED, calibrated

SHARES = st.floats(0.0, 1.0)


@given(SHARES, SHARES)
def test_the_clearer_cause_is_never_the_less_certain_one(one: float, other: float) -> None:
    low, high = sorted([one, other])
    assert calibrated(low) <= calibrated(high) <= 1.0


@given(SHARES)
def test_what_is_handed_over_stays_handed_over(clear: float) -> None:
    at = Thresholds().cause
    assert at <= TRUSTED
    assert (calibrated(clear) >= at) == (clear >= at)


def test_a_clear_cause_is_said_with_more_certainty() -> None:
    assert calibrated(TRUSTED) == TRUSTED
    assert 0.90 < calibrated(0.85) < 0.95
    assert calibrated(0.95) < 0.99
