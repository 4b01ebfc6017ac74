"""English sentences that promise a solution, a time or work without a date, and others that don't."""

import pytest

from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_model import Situation
from tests.wording.scoring import shipped_wording

ENGLISH = shipped_wording("en")
SOLUTION, TIMELINE, CONDITIONAL = "promise_solution", "promise_timeline", "conditional_promise"
PROMISES = {SOLUTION, TIMELINE, CONDITIONAL}
OPEN = Situation(Stage.OPEN)


def promises_in(text: str, situation: Situation = OPEN) -> set[str]:
    """Which of the three rules find something."""
    return {finding.rule for finding in check_reply(text, ENGLISH, situation)} & PROMISES


A_SOLUTION = [
    "We'll get around to fixing this eventually.",
    "We will support it eventually.",
    "We'll improve this at some point.",
    "We will fix this.",
    "I'm going to sort this out for you.",
    "Our team will resolve the problem.",
    "Our developers are planning to fix the export.",
    "The developers plan to support this format.",
    "Engineering will address it.",
    "Someone from our team will repair your calendar.",
    "One of our engineers is going to fix the sync.",
    "The maintainers will implement this.",
    "This will be fixed.",
    "The bug is going to be fixed.",
    "It will definitely be resolved.",
    "We'll get this fixed.",
    "We intend to solve this.",
    "We hope to fix this.",
    "We aim to improve the search.",
    "Will fix.",
    "Will be fixed.",
    "We're aware of it and will address it.",
    "I'll take care of it.",
    "We'll make sure it gets fixed.",
    "I'll open a PR for this.",
    "We will do our best to fix it.",
    "We'll add support for dark themes.",
    "I'll try to fix this.",
    "We'll be fixing this.",
    "A fix is on its way.",
    "A fix is coming.",
    "Please wait until we solve it.",
    "We plan on adding an option for that.",
    "Support for this will be added.",
    "I'll send a patch.",
    "Ill fix it.",
    "i will solve this issue",
    "We'll be able to fix that.",
    "Our engineers will be working on fixing it.",
    "Rest assured that we will get this resolved.",
    "Don't worry, our team will sort it out!",
    "Ok, will change that.",
    "Good idea, I will implement it.",
    "We're committed to fixing this.",
    "We are looking to fix this.",
    "I promise we'll fix it.",
    "We'll make sure this is fixed.",
    "I'll see about adding this.",
    "we are going fix it",
    "Gonna fix that now.",
    "I'll fix it when I get a chance.",
    "I'll prepare a hotfix.",
]
A_SOLUTION_AND_A_TIME = [
    "A fix for this will be rolled out in the coming days.",
    "We'll fix this soon.",
    "We'll fix it tomorrow.",
    "I'll fix this over the weekend.",
    "We plan to fix this in Q3.",
    "We'll get it sorted as soon as we can.",
    "In the next version we will fix it.",
    "Next week I'll implement this.",
    "We hope to fix this in the coming weeks.",
    "We'll solve this asap.",
    "We will fix it in short time.",
    "I'm planning to add support for this in 3.2.",
    "We're going to address this by the end of the month.",
    "We will resolve it in the not-too-distant future.",
    "We'll have this fixed by tomorrow morning.",
    "I'll open a PR tonight.",
    "A fix is on the way and will be released next week.",
    "We'll check it and fix it soon.",
    "Good catch! I'll push a fix in a bit.",
    "We plan to release a fix in the next few days.",
    "We are hoping to roll out a fix within the next week.",
    "We'll be rolling out an update to address this soon.",
    "I'll have this fixed by the end of the day.",
    "The team will be releasing a patch for this issue early next week.",
    "The aim is to fix this for 2.0.",
    "The plan is to address this in the next sprint.",
    "I'll add that in the next version",
    "ok i will add in next version",
    "i am planing to fix it in next version",
    "we will fixed it soon",
    "We will be implement this feature in upcoming version",
    "This issue will be fix in next update",
    "We shall rectify the same at the earliest.",
    "We intend on resolving this with the next patch.",
    "I'll have a PR up for this shortly.",
    "Fix coming soon.",
    "A patch will be available shortly.",
]
A_TIME = [
    "Thanks for the report, this will be fixed in v2.3.1 which I plan to release later this week.",
    "Next version will support it.",
    "Version 5.2 will resolve this issue.",
    "The next release will include a fix for that.",
    "The next update will fix this.",
    "This will be resolved once the next version is out.",
    "will be addressed in the next major version",
    "It will be fixed in version 5.1.",
    "The issue will be fixed with the upcoming update.",
    "This is going to be fixed by Friday.",
    "It will be resolved shortly.",
    "This will be fixed in the next release.",
    "The next release is scheduled for Monday.",
    "A new version will be released tomorrow.",
    "It's coming soon.",
    "The fix will be included in the next release.",
    "The update goes out next week.",
    "This will ship in version 4.2.",
    "I will have a look in a couple of days.",
    "I'll review this over the weekend.",
    "We'll publish the update shortly.",
    "It should land next week.",
    "The patch should be available by Friday.",
    "We're fixing it as soon as possible.",
    "I'll get to this next week.",
    "We expect a release by the end of the month.",
    "ETA is Friday.",
    "Please wait for the next release.",
    "The release is planned for next week.",
    "Coming in the next update.",
    "The problem resolves itself within an hour.",
    "Next release is due in two weeks.",
    "It will be live later today.",
    "The new build will be out tomorrow.",
    "We'll release version 2.0 in March.",
    "I can release it tomorrow.",
    "Expect the update on Monday.",
    "You'll have it by tomorrow.",
    "This will be available in the next few weeks.",
    "We'll look into it shortly.",
    "I'll try and get a new release out this weekend.",
    "Yep, on my list for this weekend.",
    "Hopefully I'll have some time to look at this next week.",
    "Hoping to get to this tomorrow.",
    "This has been merged and will be part of 3.0.",
    "Merged, thanks! Will be in the next release.",
    "Fix merged to master; new release coming up shortly.",
    "I'll cut a release today.",
    "We're working to fix this as quickly as possible.",
    "Our team is on it and we'll have things back to normal shortly.",
    "Stay tuned, an update is coming next week!",
    "One of our agents will be with you soon.",
    "We're aiming for a release at the end of March.",
    "This is planned for 2.4.",
    "It's planned for the next release.",
    "This is on the roadmap for Q2.",
    "I want to get this into the next release.",
    "I should be able to get to it this week.",
    "Should be out tomorrow.",
    "Working on it, will push soon.",
    "Fixing it in the next release.",
    "Resolved in the upcoming release.",
    "It'll go out with tomorrow's release.",
    "Going out with the next deploy.",
    "New version 1.4 will be released in a few days with this fix.",
    "You can expect a fix next week.",
    "You can expect this in the next update.",
    "We're tentatively planning a release on the 15th.",
    "There'll be a new build tonight.",
]
WORK_WITHOUT_A_DATE = [
    "Hi, I'll pass this to the devs and they'll have a look.",
    "We'll get back to you as soon as we can.",
    "I'll look at it as soon as I can.",
    "We'll look into it.",
    "I'll let you know when it's released.",
    "I'll keep you posted.",
    "Our team will get back to you.",
    "We'll check this with our developers.",
    "I'll take a look.",
    "We will update you once it's fixed.",
    "I'll update this thread as soon as I know more.",
    "Someone will reach out to you.",
    "We'll be in touch.",
    "I will try to reproduce this.",
    "We're going to discuss this with the team.",
    "Will look into it.",
    "We'll see what we can do.",
    "I'll notify you when we have news.",
    "We will inform you after the release.",
    "As soon as we know more, we'll tell you.",
    "Once we have fixed it I'll write to you.",
    "I'll follow up with you.",
    "We'll share more information when it's available.",
    "I'm going to look at this.",
    "You'll hear from us.",
    "I'll ask our engineers.",
    "Our support team will contact you.",
    "We will review your request.",
    "When the fix is released I will let you know.",
    "I will check and get back to you.",
    "We'll figure out what happened.",
    "I'll merge this once the tests pass.",
    "I'm on holiday until Monday, will take a look then.",
    "Our engineers are working hard to resolve this and we will update you as soon as we have more information.",
    "Our technical team will look into this and get back to you.",
    "I'm going to look into adding this.",
    "Rest assured, we're looking into this and will get back to you.",
    "We are on it and will let you know once resolved.",
    "Will be back to you with more info.",
    "I will be looking at this closer.",
    "Let me check with the team and I'll get back to you.",
    "Let me look into this and get back to you.",
    "Checking with the team, will let you know.",
]
WORK_SOON = [
    "I'll get back to you soon.",
    "We will reply as soon as possible.",
    "Our team will contact you shortly.",
    "You will hear from us soon.",
    "Someone will be in touch with you shortly.",
    "Kindly bear with us, we will revert shortly.",
    "We will revert back to you soon.",
    "Our concerned team will contact you shortly.",
]
A_SOLUTION_AND_WORK = [
    "We will fix it and let you know.",
    "We'll surely look into this and get it resolved.",
]
ALL_THREE = [
    "I'll look into this and fix it; I'll let you know soon.",
]
NO_PROMISE = [
    "We won't fix this.",
    "We will not be able to fix this soon.",
    "We don't plan to fix this.",
    "We have no plans to add this.",
    "If you open a PR, we'll merge the fix.",
    "They will fix it next week.",
    "The creator will fix this.",
    "I fixed this yesterday.",
    "Please send the log so that we can fix it.",
    "Could you send your log to help us fix this?",
    "We're working on a fix.",
    "We are investigating this.",
    "This is being investigated.",
    "I don't have an ETA.",
    "We can't give a timeline.",
    "We cannot say when this will be fixed.",
    "It won't happen any time soon.",
    "I look forward to hearing from you soon.",
    "We hope to welcome you on board soon.",
    "Indexing can take up to 72 hours.",
    "If anything changes, we'll let you know.",
    "If that changes I'll tell you.",
    "Send us your order number and we'll look into it.",
    "Contact us here and we'll assist.",
    "Should I fix this?",
    "Will you fix this soon?",
    "When will this be fixed?",
    "I'll write to you by Friday, 12 June.",
    "I'll send you an update on Tuesday.",
    "We'd like to take a look at your account.",
    "Let me know if it still fails.",
    "Once you send the file, we'll look into it.",
    "If you restart the app, the problem will be solved.",
    "You will see the new menu tomorrow.",
    "I'm not sure we will fix this.",
    "I doubt that we'll fix it.",
    "We're happy to help.",
    "We will close this issue.",
    "Let me take a look.",
    "Your order will arrive tomorrow.",
    "This was fixed in the last release.",
    "Until this is fixed, use the old export.",
    "This bug is fixed in 4.2.",
    "There is no release date yet.",
    "I know you will need this soon.",
    "We don't know whether we'll add this.",
    "We've fixed it; please update.",
    "I can't promise that we'll fix it soon.",
    "The vendor will release an update next week.",
    "Nobody here will fix this soon.",
    "We're not going to change this in the near future.",
    "Please try again later today.",
    "I'd be glad to look at it with you.",
    "We released it last week.",
    "We will get back to you within 24 hours.",
    "I'll bring this to the attention of the team.",
    "I'm going to close this now and will reopen it when we get to it.",
    "Fixing this now.",
    "I'll get to it when I have time.",
    "We fixed this in the last release, so please update.",
    "The next time you open the app, sign in again.",
    "Does it still happen in the latest release?",
    "I would like to fix this but I don't have the hardware.",
    "If you have time, I'd review a PR.",
    "PRs are welcome, I'd be happy to review.",
    "It may take up to 24 hours for the change to appear.",
    "Refunds will be processed within 5 business days.",
    "We'll need your email address to continue.",
    "You'll need to update to the latest version.",
    "We will not fix it in this release.",
    "I'll leave this open for now.",
    "I'm closing this as a duplicate.",
    "That would fix it.",
    "This will fix it for you: run the installer again.",
    "Reinstalling will solve this.",
    "The update will be installed automatically next time you restart.",
    "We can look into it if you share the log.",
    "To get this fixed, please contact your provider.",
    "Please contact support and they will look into it.",
    "Thunderbird will check for new mail.",
    "I don't think this will be fixed soon.",
    "No idea when this will get fixed.",
    "I can't tell you when we'll release it.",
    "It will be easier to help you if you send us the log.",
    "We've been able to reproduce this and recorded it as a bug.",
    "I'll add you to the list of affected customers.",
    "I've added a note; we'll use it when the team reviews the report next.",
    "Have you tried the beta? It will have a new search.",
    "We will close this ticket in 5 days if we don't hear from you.",
    "Once you upgrade, this will be fixed.",
    "You will be notified when your account is ready.",
    "Your account will be reviewed.",
]


@pytest.mark.parametrize("text", A_SOLUTION)
def test_that_our_side_will_fix_or_improve_something_is_a_promised_solution(text: str) -> None:
    """Whoever of ours does it, and however it is put: will, going to, plan, hope, passive, without a subject."""
    assert promises_in(text) == {SOLUTION}


@pytest.mark.parametrize("text", A_SOLUTION_AND_A_TIME)
def test_a_solution_with_a_time_promises_both(text: str) -> None:
    """Soon is a time, and so are a day, a month and the next release; at some point and eventually are none."""
    assert promises_in(text) == {SOLUTION, TIMELINE}


@pytest.mark.parametrize("text", A_TIME)
def test_a_time_for_anything_that_our_side_does_is_a_promised_time(text: str) -> None:
    """A release, a review, a reply that comes soon; what is fixed in the passive, with a time, is its time alone."""
    assert promises_in(text) == {TIMELINE}


@pytest.mark.parametrize("text", WORK_WITHOUT_A_DATE)
def test_a_look_or_word_without_a_date_is_a_conditional_promise(text: str) -> None:
    """With nothing said of when, or only that it comes once something else has happened."""
    assert promises_in(text) == {CONDITIONAL}


@pytest.mark.parametrize("text", WORK_SOON)
def test_a_look_or_word_soon_is_both_conditional_and_a_time(text: str) -> None:
    """Soon is no date by which anybody could keep it."""
    assert promises_in(text) == {CONDITIONAL, TIMELINE}


@pytest.mark.parametrize("text", A_SOLUTION_AND_WORK)
def test_what_follows_and_is_promised_too(text: str) -> None:
    """We will do this and do that: both are promised."""
    assert promises_in(text) == {SOLUTION, CONDITIONAL}


@pytest.mark.parametrize("text", ALL_THREE)
def test_one_sentence_can_promise_all_three(text: str) -> None:
    """A look, a solution and a time."""
    assert promises_in(text) == PROMISES


@pytest.mark.parametrize("text", NO_PROMISE)
def test_negations_questions_others_facts_and_dated_word_are_no_promise(text: str) -> None:
    """What we don't do, ask, did or do now; what others do; what depends on the customer; and word by a date."""
    assert promises_in(text) == set()


@pytest.mark.parametrize("text", A_TIME)
def test_a_time_may_be_named_once_the_release_is_planned(text: str) -> None:
    """Then it is a fact; before that it isn't, neither while the bug is open nor while it is only fixed."""
    assert TIMELINE in promises_in(text, Situation(Stage.FIXED))
    assert TIMELINE not in promises_in(text, Situation(Stage.FIXED, release_planned=True))
