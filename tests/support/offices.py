"""The letter that people write in tests, and where it waits: of the shipped case, to its office."""

from assistant.domain.letters import LetterRef
from assistant.store.letters import lane_name
from tests.support.publishing import CASE

REF = LetterRef(CASE, "fax-2012", "attorney-general")
OFFICE = lane_name(REF.case, REF.target)
"""The name of the office's lane."""
