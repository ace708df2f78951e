"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Tests run three at a time beside telephones: how long drawing an example takes says nothing of the test.
settings.register_profile("beside others", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("beside others")
