"""The table of all steps of the menus."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.session import StepName
from ivr.steps import arriving, choosing, judging, messages, services, waiting
from ivr.steps.step import Step

STEPS: Mapping[StepName, Step] = {
    StepName.LANGUAGE: arriving.LANGUAGE,
    StepName.FLOODING: arriving.FLOODING,
    StepName.NOTICE: arriving.NOTICE,
    StepName.BROADCASTS: arriving.BROADCASTS,
    StepName.SUBJECT: arriving.SUBJECT,
    StepName.MENU: choosing.MENU,
    StepName.OUTAGES: choosing.OUTAGES,
    StepName.DOCKET: services.DOCKET,
    StepName.RATION_CARD: services.RATION_CARD,
    StepName.CONFIRM_CARD: services.CONFIRM_CARD,
    StepName.ANSWER: services.ANSWER,
    StepName.MESSAGE: messages.MESSAGE,
    StepName.NOT_KEPT: messages.NOT_KEPT,
    StepName.FAREWELL: messages.FAREWELL,
    StepName.CANNOT_WAIT: waiting.CANNOT_WAIT,
    StepName.PLACE: waiting.PLACE,
    StepName.SOLVED: judging.SOLVED,
    StepName.RATING: judging.RATING,
}
