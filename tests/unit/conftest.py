"""Where many stories of the floor begin."""

from __future__ import annotations

import pytest

from tests.unit.parts.story import ALI, FIRST, SECOND, Story


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def ringing(story: Story) -> Story:
    """FIRST rings at ALI; SECOND waits behind; BEA is not there."""
    story.queue(FIRST)
    story.queue(SECOND)
    story.free(ALI)
    story.decide()
    story.offered(FIRST, ALI)
    return story


@pytest.fixture
def talking(ringing: Story) -> Story:
    ringing.answered(FIRST, ALI)
    return ringing
