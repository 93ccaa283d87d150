#include "core/session/query_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace portrait {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using whatsapp::PictureAnswer;
using whatsapp::PictureQuery;
using whatsapp::PictureType;
using whatsapp::ProtocolError;
using whatsapp::UsyncAnswer;
using whatsapp::UsyncUser;

const Sighting kSeen = {"main", absl::FromUnixSeconds(1'750'000'000)};

ContactTask TaskFor(UrlNeed full_url, UrlNeed preview_url = UrlNeed::kNo) {
  ContactTask task;
  task.contact.jid = whatsapp::PhoneNumberJid("13105551234");
  task.full_url = full_url;
  task.preview_url = preview_url;
  return task;
}

UsyncUser Registered() {
  UsyncUser user;
  user.asked = whatsapp::PhoneNumberJid("13105551234");
  user.pn = user.asked;
  user.registered.value = true;
  return user;
}

UsyncUser WithId(const std::string& id) {
  UsyncUser user = Registered();
  user.picture_id.value = id;
  return user;
}

UsyncUser WithPictureError(int code) {
  UsyncUser user = Registered();
  user.picture_id.error = ProtocolError{code, "text", absl::ZeroDuration()};
  return user;
}

ContactPlan PlanOf(const ContactTask& task, const UsyncUser& user,
                   const UsyncAnswer& answer = {}, bool has_token = false) {
  auto result = PlanAfterUsync(task, user, answer, kSeen, has_token);
  EXPECT_TRUE(std::holds_alternative<ContactPlan>(result));
  return std::get<ContactPlan>(std::move(result));
}

LookupFailure FailureIn(const ContactTask& task, const UsyncUser& user,
                        const UsyncAnswer& answer = {}) {
  auto result = PlanAfterUsync(task, user, answer, kSeen, false);
  EXPECT_TRUE(std::holds_alternative<LookupFailure>(result));
  return std::get<LookupFailure>(std::move(result));
}

// The queries as text: "image", "preview?17" for a preview that confirms id 17,
// …
std::vector<std::string> Asked(const ContactPlan& plan) {
  std::vector<std::string> asked;
  for (const PictureQuery& query : plan.queries) {
    asked.push_back(
        absl::StrCat(query.type == PictureType::kImage ? "image" : "preview",
                     query.existing_id.empty() ? "" : "?", query.existing_id));
  }
  return asked;
}

PictureAnswer Found(const std::string& id) {
  PictureAnswer answer;
  answer.id = id;
  answer.url =
      absl::StrCat("https://pps.whatsapp.net/", id, ".jpg?oe=68500000");
  answer.direct_path = absl::StrCat("/", id);
  answer.type = "image";
  return answer;
}

TEST(PlanAfterUsyncTest, AnUnregisteredNumberCostsNoPictureQuery) {
  UsyncUser user;
  user.registered.value = false;
  const ContactPlan plan = PlanOf(TaskFor(UrlNeed::kAlways), user);
  EXPECT_THAT(plan.queries, IsEmpty());
  EXPECT_EQ(plan.observation.registration, v1::REGISTRATION_NOT_REGISTERED);
  EXPECT_EQ(plan.observation.jid, "13105551234@s.whatsapp.net");
  EXPECT_EQ(plan.observation.phone_number, "+13105551234");
  EXPECT_EQ(plan.observation.session, "main");
  EXPECT_FALSE(plan.observation.state.has_value());
}

TEST(PlanAfterUsyncTest, AsksForThePicturesWhoseUrlsAreNeeded) {
  struct Case {
    UrlNeed full, preview;
    std::string told_id, stored_id, existing_id;
    std::vector<std::string> asked;
  };
  constexpr UrlNeed kNo = UrlNeed::kNo;
  constexpr UrlNeed kIf = UrlNeed::kIfIdChanged;
  constexpr UrlNeed kAlways = UrlNeed::kAlways;
  const std::vector<Case> cases = {
      // The answer has an id, and no URL is wanted.
      {kNo, kNo, "17", "", "", {}},
      {kNo, kNo, "17", "16", "", {}},
      // The stored URL is valid for the stored id only.
      {kIf, kNo, "17", "17", "", {}},
      {kIf, kNo, "17", "16", "", {"image"}},
      {kIf, kIf, "17", "16", "", {"image", "preview"}},
      {kIf, kAlways, "17", "17", "", {"preview"}},
      // No URL is stored.
      {kAlways, kNo, "17", "", "", {"image"}},
      {kAlways, kAlways, "17", "17", "", {"image", "preview"}},
      {kNo, kAlways, "17", "17", "", {"preview"}},
      // The caller already has that picture.
      {kAlways, kAlways, "17", "16", "17", {}},
      {kAlways, kNo, "17", "16", "15", {"image"}},
      // The answer has no id: one query distinguishes hidden from no picture …
      {kNo, kNo, "", "", "", {"preview"}},
      {kAlways, kNo, "", "", "", {"image"}},
      {kAlways, kAlways, "", "16", "", {"image", "preview"}},
      // … and confirms the known id if no URL is needed.
      {kNo, kNo, "", "16", "", {"preview?16"}},
      {kIf, kNo, "", "16", "", {"image?16"}},
      {kAlways, kNo, "", "16", "15", {"image?15"}},
  };
  for (const Case& c : cases) {
    ContactTask task = TaskFor(c.full, c.preview);
    task.stored_id = c.stored_id;
    task.existing_id = c.existing_id;
    const ContactPlan plan =
        PlanOf(task, c.told_id.empty() ? Registered() : WithId(c.told_id));
    EXPECT_EQ(Asked(plan), c.asked)
        << "case " << (&c - cases.data()) << ", told " << c.told_id;
    if (!c.told_id.empty()) {
      EXPECT_EQ(plan.observation.state, v1::PICTURE_STATE_AVAILABLE);
      EXPECT_EQ(plan.observation.picture_id, c.told_id);
      EXPECT_TRUE(plan.observation.state_is_told);
    }
  }
}

TEST(PlanAfterUsyncTest, UsesUsyncsHiddenAndNotSetStates) {
  const ContactPlan hidden =
      PlanOf(TaskFor(UrlNeed::kAlways), WithPictureError(401));
  EXPECT_THAT(hidden.queries, IsEmpty());
  EXPECT_EQ(hidden.observation.state, v1::PICTURE_STATE_HIDDEN);
  EXPECT_TRUE(hidden.observation.state_is_told);
  const ContactPlan none =
      PlanOf(TaskFor(UrlNeed::kAlways), WithPictureError(404));
  EXPECT_THAT(none.queries, IsEmpty());
  EXPECT_EQ(none.observation.state, v1::PICTURE_STATE_NOT_SET);
}

TEST(PlanAfterUsyncTest, ConfirmsAFreshStoredStateIfUsyncHasNoId) {
  for (const v1::PictureState state :
       {v1::PICTURE_STATE_HIDDEN, v1::PICTURE_STATE_NOT_SET}) {
    ContactTask task = TaskFor(UrlNeed::kAlways);
    task.stored_state = state;
    EXPECT_THAT(Asked(PlanOf(task, Registered())), ElementsAre("image"));
    task.stored_state_is_fresh = true;
    const ContactPlan plan = PlanOf(task, Registered());
    EXPECT_THAT(plan.queries, IsEmpty());
    EXPECT_EQ(plan.observation.state, state);
    EXPECT_FALSE(plan.observation.state_is_told);
  }
}

TEST(PlanAfterUsyncTest, AStoredPictureIsNotConfirmedWithoutItsId) {
  ContactTask task = TaskFor(UrlNeed::kNo);
  task.stored_state = v1::PICTURE_STATE_AVAILABLE;
  task.stored_state_is_fresh = true;
  task.stored_id = "16";
  EXPECT_THAT(Asked(PlanOf(task, Registered())), ElementsAre("preview?16"));
}

TEST(PlanAfterUsyncTest, LearnsLidBusinessAndName) {
  UsyncUser user = WithId("17");
  user.lid = {"100875997589545", whatsapp::kLidServer};
  user.business.value = {"Ada's Engines"};
  const Observation seen = PlanOf(TaskFor(UrlNeed::kNo), user).observation;
  EXPECT_EQ(seen.lid, "100875997589545@lid");
  EXPECT_EQ(seen.is_business, true);
  EXPECT_EQ(seen.name, "Ada's Engines");
}

TEST(PlanAfterUsyncTest, AFailedBusinessFactIsNotLearnedAndFailsNothing) {
  UsyncUser user = WithId("17");
  user.business.error = ProtocolError{500, "internal-server-error", {}};
  const Observation seen = PlanOf(TaskFor(UrlNeed::kNo), user).observation;
  EXPECT_FALSE(seen.is_business.has_value());
  EXPECT_FALSE(seen.name.has_value());
  EXPECT_EQ(seen.picture_id, "17");
}

TEST(PlanAfterUsyncTest, FollowsANumberToItsOtherSpellingOnly) {
  UsyncUser user = WithId("17");
  user.pn = whatsapp::PhoneNumberJid("5215550001234");
  ContactTask task = TaskFor(UrlNeed::kAlways);
  task.contact.jid = whatsapp::PhoneNumberJid("525550001234");
  for (const bool is_address : {true, false}) {
    task.contact.other_jid = is_address ? user.pn : whatsapp::Jid();
    const ContactPlan plan = PlanOf(task, user);
    EXPECT_EQ(plan.observation.jid, is_address ? "5215550001234@s.whatsapp.net"
                                               : "525550001234@s.whatsapp.net");
    EXPECT_EQ(plan.observation.phone_number,
              is_address ? "+5215550001234" : "+525550001234");
    // The picture of the JID in WhatsApp's answer is queried.
    EXPECT_EQ(plan.queries.front().target, user.pn);
  }
}

TEST(PlanAfterUsyncTest, ATokenMayRevealAHiddenPicture) {
  ContactTask task = TaskFor(UrlNeed::kAlways);
  task.stored_state = v1::PICTURE_STATE_HIDDEN;
  task.stored_state_is_fresh = true;
  UsyncUser hidden = WithPictureError(401);
  hidden.lid = {"100875997589545", whatsapp::kLidServer};
  const ContactPlan plan = PlanOf(task, hidden, {}, /*has_token=*/true);
  EXPECT_THAT(Asked(plan), ElementsAre("image"));
  EXPECT_EQ(plan.queries.front().alias, hidden.lid);
  EXPECT_THAT(Asked(PlanOf(task, Registered(), {}, true)),
              ElementsAre("image"));
  // A token does not help if there is no picture.
  EXPECT_THAT(Asked(PlanOf(task, WithPictureError(404), {}, true)), IsEmpty());
}

TEST(PlanAfterUsyncTest, ALidLearnsItsNumberAndIsUnregisteredIfOmitted) {
  ContactTask task = TaskFor(UrlNeed::kAlways);
  task.contact.kind = ContactKind::kLid;
  task.contact.jid = {"100875997589545", whatsapp::kLidServer};
  const ContactPlan known = PlanOf(task, WithId("17"));
  EXPECT_EQ(known.observation.jid, "100875997589545@lid");
  EXPECT_EQ(known.observation.lid, "100875997589545@lid");
  EXPECT_EQ(known.observation.phone_number, "+13105551234");
  EXPECT_EQ(known.queries.front().target, task.contact.jid);
  const ContactPlan unknown = PlanOf(task, UsyncUser());
  EXPECT_EQ(unknown.observation.registration, v1::REGISTRATION_NOT_REGISTERED);
  EXPECT_THAT(unknown.queries, IsEmpty());
}

TEST(PlanAfterUsyncTest, FailedFactsFailTheContactWithARetryTime) {
  const ContactTask task = TaskFor(UrlNeed::kAlways);
  UsyncUser user;
  EXPECT_EQ(FailureIn(task, user).reason, v1::ERROR_REASON_UPSTREAM_ERROR);

  user.registered.error =
      ProtocolError{429, "rate-overlimit", absl::Seconds(30)};
  EXPECT_EQ(FailureIn(task, user).reason, v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(FailureIn(task, user).retry_after, absl::Seconds(30));

  const LookupFailure failure = FailureIn(task, WithPictureError(429));
  EXPECT_EQ(failure.reason, v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_GT(failure.retry_after, absl::ZeroDuration());
}

TEST(PlanAfterUsyncTest, AFailedPictureIdCausesAPictureQuery) {
  ContactTask task = TaskFor(UrlNeed::kAlways);
  task.stored_state = v1::PICTURE_STATE_HIDDEN;
  task.stored_state_is_fresh = true;
  EXPECT_THAT(Asked(PlanOf(task, WithPictureError(500))), ElementsAre("image"));
}

TEST(PlanAfterUsyncTest, AProtocolErrorIsNotAFactAboutAContact) {
  UsyncAnswer answer;
  answer.picture_error = ProtocolError{401, "not-authorized", {}};
  EXPECT_THAT(
      Asked(PlanOf(TaskFor(UrlNeed::kAlways), WithPictureError(401), answer)),
      ElementsAre("image"));
  answer.picture_error->code = 429;
  EXPECT_EQ(FailureIn(TaskFor(UrlNeed::kAlways), WithPictureError(429), answer)
                .reason,
            v1::ERROR_REASON_RATE_LIMITED);
}

TEST(PlanPictureTest, QueriesThePictureWithoutUsync) {
  ContactTask task = TaskFor(UrlNeed::kIfIdChanged);
  task.contact.kind = ContactKind::kGroup;
  task.contact.jid = {"120363041234567890", whatsapp::kGroupServer};
  task.stored_id = "16";
  const ContactPlan plan = PlanPicture(task, kSeen);
  EXPECT_THAT(Asked(plan), ElementsAre("image?16"));
  EXPECT_FALSE(plan.observation.registration.has_value());
  EXPECT_EQ(plan.observation.phone_number, "");
}

TEST(ApplyPictureTest, AGroupThatHidesItsPictureMayBeACommunity) {
  ContactTask task = TaskFor(UrlNeed::kAlways, UrlNeed::kAlways);
  task.contact.kind = ContactKind::kGroup;
  task.contact.jid = {"120363041234567890", whatsapp::kGroupServer};
  PictureAnswer hidden;
  hidden.outcome = PictureAnswer::Outcome::kHidden;
  ContactPlan plan = PlanPicture(task, kSeen);
  ApplyPicture(hidden, kSeen, &plan);
  ASSERT_THAT(Asked(plan), ElementsAre("image", "preview"));
  EXPECT_TRUE(plan.queries.front().as_community);
  ContactPlan found = plan;
  ApplyPicture(Found("17"), kSeen, &found);
  ASSERT_THAT(Asked(found), ElementsAre("preview"));
  EXPECT_TRUE(found.queries.front().as_community);
  // The group is not a community.
  ApplyPicture(hidden, kSeen, &plan);
  EXPECT_THAT(plan.queries, IsEmpty());
  EXPECT_EQ(plan.observation.state, v1::PICTURE_STATE_HIDDEN);
}

TEST(ApplyChannelTest, MakesUrlsOfPaths) {
  ContactTask task = TaskFor(UrlNeed::kAlways, UrlNeed::kAlways);
  task.contact.kind = ContactKind::kChannel;
  task.contact.jid = {"120363144038483540", whatsapp::kNewsletterServer};
  whatsapp::ChannelAnswer answer;
  answer.name = "News";
  answer.picture_id = "17";
  answer.preview_path = "/v/2.jpg?oe=68500000";
  ContactPlan plan = PlanPicture(task, kSeen);
  ASSERT_THAT(Asked(plan), ElementsAre("image"));
  ApplyChannel(answer, "https://pps.whatsapp.net", kSeen, &plan);
  EXPECT_THAT(plan.queries, IsEmpty());
  EXPECT_EQ(plan.observation.name, "News");
  ASSERT_TRUE(plan.observation.full_url.has_value());
  EXPECT_EQ(plan.observation.full_url->url,
            "https://pps.whatsapp.net/v/2.jpg?oe=68500000");
  EXPECT_EQ(plan.observation.full_url->expires_at,
            absl::FromUnixSeconds(0x68500000));
  EXPECT_EQ(plan.observation.type, "preview");

  plan = PlanPicture(task, kSeen);
  answer.image_path = "/v/1.jpg";
  ApplyChannel(answer, "https://x", kSeen, &plan);
  EXPECT_EQ(plan.observation.full_url->url, "https://x/v/1.jpg");
  EXPECT_EQ(plan.observation.preview_url->url, "https://x/v/2.jpg?oe=68500000");
  EXPECT_EQ(plan.observation.type, "image");

  answer = whatsapp::ChannelAnswer();
  ApplyChannel(answer, "https://x", kSeen, &plan);
  EXPECT_EQ(plan.observation.state, v1::PICTURE_STATE_NOT_SET);
  answer.exists = false;
  ApplyChannel(answer, "https://x", kSeen, &plan);
  EXPECT_EQ(plan.observation.registration, v1::REGISTRATION_NOT_REGISTERED);
}

TEST(ApplyPictureTest, FillsInEachSizeAndWhenItsUrlExpires) {
  ContactPlan plan =
      PlanOf(TaskFor(UrlNeed::kAlways, UrlNeed::kAlways), WithId("17"));
  ApplyPicture(Found("17"), kSeen, &plan);
  ASSERT_THAT(Asked(plan), ElementsAre("preview"));
  PictureAnswer preview = Found("17");
  preview.type = "preview";
  ApplyPicture(preview, kSeen, &plan);
  EXPECT_THAT(plan.queries, IsEmpty());
  EXPECT_EQ(plan.observation.picture_id, "17");
  ASSERT_TRUE(plan.observation.full_url && plan.observation.preview_url);
  EXPECT_EQ(plan.observation.full_url->expires_at,
            absl::FromUnixSeconds(0x68500000));
  EXPECT_EQ(plan.observation.type, "image");
}

TEST(ApplyPictureTest, APictureChangedBetweenTwoQueriesLeavesNoStaleUrl) {
  ContactPlan plan =
      PlanOf(TaskFor(UrlNeed::kAlways, UrlNeed::kAlways), WithId("17"));
  ApplyPicture(Found("17"), kSeen, &plan);
  ApplyPicture(Found("18"), kSeen, &plan);
  EXPECT_EQ(plan.observation.picture_id, "18");
  EXPECT_FALSE(plan.observation.full_url.has_value());
  EXPECT_TRUE(plan.observation.preview_url.has_value());
}

TEST(ApplyPictureTest, UnchangedHiddenAndNotSetEndTheLookup) {
  ContactTask task = TaskFor(UrlNeed::kIfIdChanged, UrlNeed::kIfIdChanged);
  task.stored_id = "16";
  PictureAnswer answer;
  answer.outcome = PictureAnswer::Outcome::kUnchanged;
  ContactPlan unchanged = PlanOf(task, Registered());
  ApplyPicture(answer, kSeen, &unchanged);
  EXPECT_THAT(unchanged.queries, IsEmpty());
  EXPECT_EQ(unchanged.observation.state, v1::PICTURE_STATE_AVAILABLE);
  EXPECT_EQ(unchanged.observation.picture_id, "16");

  answer.outcome = PictureAnswer::Outcome::kHidden;
  ContactPlan hidden = PlanOf(task, WithId("17"));
  ApplyPicture(answer, kSeen, &hidden);
  EXPECT_THAT(hidden.queries, IsEmpty());
  EXPECT_EQ(hidden.observation.state, v1::PICTURE_STATE_HIDDEN);
  EXPECT_EQ(hidden.observation.picture_id, "");

  answer.outcome = PictureAnswer::Outcome::kNotSet;
  ContactPlan none = PlanOf(task, Registered());
  ApplyPicture(answer, kSeen, &none);
  EXPECT_EQ(none.observation.state, v1::PICTURE_STATE_NOT_SET);
}

TEST(FailureOfTest, NamesTheReasonAndHonoursTheBackoff) {
  EXPECT_EQ(FailureOf(absl::DeadlineExceededError("")).reason,
            v1::ERROR_REASON_UPSTREAM_TIMEOUT);
  EXPECT_EQ(FailureOf(absl::UnavailableError("")).reason,
            v1::ERROR_REASON_UPSTREAM_ERROR);
  const LookupFailure limited = FailureOf(whatsapp::WithBackoff(
      absl::ResourceExhaustedError("429"), absl::Seconds(40)));
  EXPECT_EQ(limited.reason, v1::ERROR_REASON_RATE_LIMITED);
  EXPECT_EQ(limited.retry_after, absl::Seconds(40));
}

}  // namespace
}  // namespace portrait
