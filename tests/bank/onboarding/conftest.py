"""A branch with somebody at the door."""

import pytest

from tests.bank.onboarding.branch import Applicant
from tests.bank.people.world import World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def ana(world):
    return Applicant.arrives(world)
