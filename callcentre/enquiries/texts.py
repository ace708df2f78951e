"""Puts what a caller wants by SMS into the outbox, from which a gateway will take it.

The words are those of a registered template; the outbox says which, and what stands in its gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from callcentre.enquiries.asker import Asker
from callcentre.enquiries.facts import TextWanted
from callcentre.enquiries.recent import Recent
from callcentre.enquiries.records import Records
from callcentre.telephony.numbers import is_indian_mobile, normalised
from callcentre.tickets.docket import is_valid
from ivr.exchange import Done, SendText, Unanswered
from routing.ids import CallId, HelplineId, LanguageCode

# Each costs money, and a telephone can be made to ring by them; nobody needs more in an hour.
MOST_PER_NUMBER = 6
WINDOW_SECONDS = 3600.0


class Texts:
    """The outbox; ``on_fault`` is told ``text-refused`` for what is not sent."""

    def __init__(
        self, records: Records, *, helplines: Collection[HelplineId], on_fault: Callable[[str], None]
    ) -> None:
        self._records = records
        self._helplines = helplines
        self._on_fault = on_fault
        self._sent = Recent(seconds=WINDOW_SECONDS, most=MOST_PER_NUMBER)

    async def send(self, wanted: SendText, asker: Asker) -> Done | Unanswered:
        """Have it sent.  Raises JournalUnwritable."""
        template, _, key = wanted.about.partition("/")
        to, now = normalised(asker.caller), self._records.now()
        if not (self._is_known(template, key) and is_indian_mobile(to)) or self._has_enough(to):
            self._on_fault("text-refused")
            return Unanswered()
        self._sent.note(to, at=now)
        fact = TextWanted(
            at=now,
            text=f"{asker.call}/{wanted.about}",
            call=CallId(asker.call),
            to=to,
            template=template,
            parameters=((_GAPS[template], key),),
            language=LanguageCode(asker.language),
        )
        await self._records.keep(fact)
        return Done()

    def _is_known(self, template: str, key: str) -> bool:
        match template:
            case "docket":
                return is_valid(key)
            case "office":
                return key in self._helplines
        return False

    def _has_enough(self, to: str) -> bool:
        return self._sent.count(to, now=self._records.now()) >= MOST_PER_NUMBER


_GAPS = {"docket": "docket", "office": "helpline"}
