#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/whatsapp/queries.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using Outcome = PictureAnswer::Outcome;
using ::testing::HasSubstr;

const Jid kAnn = PhoneNumberJid("15551230001");
constexpr char kUrl[] =
    "https://pps.whatsapp.net/v/t61.24694-24/1_n.jpg?ccb=11-4&oh=01_Q5&"
    "oe=67890ABC&_nc_sid=5e03e0";

Node Result(Node::Children children = {}) {
  return MakeNode("iq",
                  {{"from", ServerJid()}, {"type", "result"}, {"id", "1"}},
                  std::move(children));
}

Node ErrorNode(absl::string_view code, absl::string_view text = "text") {
  return MakeNode("error",
                  {{"code", std::string(code)}, {"text", std::string(text)}});
}

Node Refused(Node error) {
  return MakeNode("iq", {{"from", ServerJid()}, {"type", "error"}, {"id", "1"}},
                  Node::Children{std::move(error)});
}

PictureQuery Query(const char* existing_id = "") {
  PictureQuery query;
  query.target = kAnn;
  query.existing_id = existing_id;
  return query;
}

TEST(PictureQueryTest, AsksForTheUrlOfATarget) {
  EXPECT_EQ(MakePictureQuery(Query()),
            MakeNode("iq",
                     {{"xmlns", "w:profile:picture"},
                      {"type", "get"},
                      {"to", ServerJid()},
                      {"target", kAnn}},
                     Node::Children{MakeNode(
                         "picture", {{"type", "image"}, {"query", "url"}})}));
}

TEST(PictureQueryTest, CarriesTheKnownIdAndTheTokenWhereGiven) {
  PictureQuery query = Query("1712345678");
  query.type = PictureType::kPreview;
  query.target.device = 3;  // a picture belongs to the account
  query.privacy_token = "\x01\xFE";
  const Node iq = MakePictureQuery(query);
  EXPECT_EQ(iq.JidAttribute("target"), kAnn);
  EXPECT_EQ(
      iq.children().front(),
      MakeNode(
          "picture",
          {{"type", "preview"}, {"query", "url"}, {"id", "1712345678"}},
          Node::Children{MakeNode("tctoken", {}, Node::Bytes{"\x01\xFE"})}));
}

TEST(PictureQueryTest, SaysTheTimeOfATokenOnlyIfItIsSet) {
  PictureQuery query = Query();
  query.privacy_token = "token";
  const auto token = [&] {
    const Node iq = MakePictureQuery(query);
    return iq.children().front().children().front();
  };
  EXPECT_EQ(token(), MakeNode("tctoken", {}, Node::Bytes{"token"}));
  query.privacy_token_time = absl::FromUnixSeconds(1763716800);
  EXPECT_EQ(token(),
            MakeNode("tctoken", {{"t", "1763716800"}}, Node::Bytes{"token"}));
}

TEST(PictureAnswerTest, AFoundPictureHasAllFields) {
  const Node picture = MakeNode("picture", {{"id", "1712345678"},
                                            {"type", "image"},
                                            {"url", kUrl},
                                            {"direct_path", "/v/1_n.jpg"},
                                            {"has_staging", "true"},
                                            {"hash", "q0zJ1w=="}});
  for (const Node& iq :
       {Result({picture}),
        Result({MakeNode("pictures", {}, Node::Children{picture})})}) {
    const absl::StatusOr<PictureAnswer> answer =
        ParsePictureAnswer(iq, Query("1"));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->outcome, Outcome::kFound);
    EXPECT_EQ(answer->id, "1712345678");
    EXPECT_EQ(answer->url, kUrl);
    EXPECT_EQ(answer->direct_path, "/v/1_n.jpg");
    EXPECT_EQ(answer->type, "image");
    EXPECT_EQ(answer->hash, absl::HexStringToBytes("ab4cc9d7"));
  }
}

TEST(PictureAnswerTest, OnlyIdAndUrlAreNeeded) {
  const absl::StatusOr<PictureAnswer> answer = ParsePictureAnswer(
      Result(
          {MakeNode("picture", {{"id", "7"}, {"url", kUrl}, {"hash", "?!"}})}),
      Query());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->outcome, Outcome::kFound);
  EXPECT_EQ(answer->direct_path, "");
  EXPECT_EQ(answer->hash, "");
}

TEST(PictureAnswerTest, EachFormWithoutUrlHasItsMeaning) {
  const Node status304 = MakeNode("picture", {{"status", "304"}});
  const Node status204 = MakeNode("picture", {{"status", "204"}});
  const Node status401 = MakeNode("picture", {{"status", "401"}});
  const Node nested404 =
      MakeNode("picture", {}, Node::Children{ErrorNode("404")});
  const Node nested401 =
      MakeNode("picture", {}, Node::Children{ErrorNode("401")});
  const struct {
    const char* form;
    Node iq;
    const char* existing_id;
    Outcome outcome;
  } kCases[] = {
      {"nothing, id sent", Result(), "5", Outcome::kUnchanged},
      {"empty, id sent", Result({MakeNode("picture")}), "5",
       Outcome::kUnchanged},
      {"id only", Result({MakeNode("picture", {{"id", "5"}})}), "5",
       Outcome::kUnchanged},
      {"status 304", Result({status304}), "5", Outcome::kUnchanged},
      {"status 204, id sent", Result({status204}), "5", Outcome::kNotSet},
      {"status 204", Result({status204}), "", Outcome::kNotSet},
      {"status 401", Result({status401}), "", Outcome::kHidden},
      {"error 404", Refused(ErrorNode("404", "item-not-found")), "",
       Outcome::kNotSet},
      {"error 404, id sent", Refused(ErrorNode("404")), "5", Outcome::kNotSet},
      {"error 401", Refused(ErrorNode("401", "not-authorized")), "5",
       Outcome::kHidden},
      {"error without type",
       MakeNode("iq", {}, Node::Children{ErrorNode("401")}), "",
       Outcome::kHidden},
      {"nested 404", Result({nested404}), "5", Outcome::kNotSet},
      {"nested 401", Result({nested401}), "", Outcome::kHidden},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.form);
    const absl::StatusOr<PictureAnswer> answer =
        ParsePictureAnswer(c.iq, Query(c.existing_id));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->outcome, c.outcome);
    EXPECT_EQ(answer->url, "");
  }
}

TEST(PictureAnswerTest, AFailureIsNotAFact) {
  const Node nested429 =
      MakeNode("picture", {}, Node::Children{ErrorNode("429")});
  const struct {
    Node iq;
    absl::StatusCode code;
  } kCases[] = {
      {Refused(ErrorNode("403")), absl::StatusCode::kPermissionDenied},
      {Refused(ErrorNode("429")), absl::StatusCode::kResourceExhausted},
      {Refused(ErrorNode("419")), absl::StatusCode::kResourceExhausted},
      {Refused(ErrorNode("500")), absl::StatusCode::kUnavailable},
      {Refused(ErrorNode("501")), absl::StatusCode::kUnavailable},
      {Refused(ErrorNode("503")), absl::StatusCode::kUnavailable},
      // The result has neither a picture nor an error saying that there is
      // none.
      {Result(), absl::StatusCode::kInvalidArgument},
      {Result({MakeNode("picture")}), absl::StatusCode::kInvalidArgument},
      {Result({MakeNode("avatar", {{"pose_id", "1"}})}),
       absl::StatusCode::kInvalidArgument},
      {Result({MakeNode("picture", {{"id", "5"}, {"type", "image"}},
                        Node::Bytes{"\xff\xd8"})}),
       absl::StatusCode::kInvalidArgument},
      {Refused(ErrorNode("400")), absl::StatusCode::kInvalidArgument},
      {Refused(ErrorNode("nonsense")), absl::StatusCode::kUnknown},
      {MakeNode("iq", {{"type", "error"}}), absl::StatusCode::kUnknown},
      {Result({nested429}), absl::StatusCode::kResourceExhausted},
      {Result({MakeNode("picture", {{"status", "503"}})}),
       absl::StatusCode::kUnavailable},
      {Result({MakeNode("picture", {{"status", "odd"}})}),
       absl::StatusCode::kInvalidArgument},
      // The query had no id, so the answer cannot be "unchanged".
      {Result({MakeNode("picture", {{"status", "304"}})}),
       absl::StatusCode::kInvalidArgument},
      {Result({MakeNode("picture", {{"id", "5"}})}),
       absl::StatusCode::kInvalidArgument},
      {Result({MakeNode("picture", {{"url", kUrl}})}),
       absl::StatusCode::kInvalidArgument},
      {Result({MakeNode("picture", {{"id", "5"}, {"url", "/v/1_n.jpg"}})}),
       absl::StatusCode::kInvalidArgument},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.iq.DebugString());
    EXPECT_EQ(ParsePictureAnswer(c.iq, Query()).status().code(), c.code);
  }
}

TEST(PictureAnswerTest, ANewerPictureWithoutUrlIsAnError) {
  EXPECT_EQ(ParsePictureAnswer(Result({MakeNode("picture", {{"id", "6"}})}),
                               Query("5"))
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

// ---- groups ----------------------------------------------------------------

const Jid kGroup = {"120363012345678901", kGroupServer};
const Jid kOther = {"120363012345678902", kGroupServer};

TEST(PictureQueryTest, ACommunityIsAskedForInItsOwnForm) {
  PictureQuery query = Query("5");
  query.target = kGroup;
  query.as_community = true;
  EXPECT_EQ(MakePictureQuery(query),
            MakeNode("iq", {{"xmlns", "w:g2"}, {"type", "get"}, {"to", kGroup}},
                     Node::Children{MakeNode(
                         "pictures", {},
                         Node::Children{MakeNode(
                             "picture", {{"type", "image"},
                                         {"query", "url"},
                                         {"id", "5"},
                                         {"parent_group_jid", kGroup}})})}));
}

TEST(PictureAnswerTest, AGroupWeAreNotInHidesItsPicture) {
  PictureQuery query = Query();
  query.target = kGroup;
  const auto answer = ParsePictureAnswer(Refused(ErrorNode("403")), query);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->outcome, Outcome::kHidden);
}

TEST(GroupPicturesTest, ManyGroupsAreAskedForInOneQuery) {
  EXPECT_EQ(
      MakeGroupPicturesQuery({kGroup, kOther}, PictureType::kPreview),
      MakeNode(
          "iq",
          {{"xmlns", "w:g2"}, {"type", "get"}, {"to", Jid{"", kGroupServer}}},
          Node::Children{MakeNode(
              "pictures", {},
              Node::Children{
                  MakeNode("picture", {{"jid", kGroup}, {"type", "preview"}}),
                  MakeNode("picture",
                           {{"jid", kOther}, {"type", "preview"}})})}));
}

TEST(GroupPicturesTest, EachGroupHasItsOwnAnswerOrNone) {
  const auto entry = [](Node::Children children = {}) {
    return MakeNode("picture", {{"jid", kGroup}}, std::move(children));
  };
  Node found = entry();
  found.SetAttribute("id", "7");
  found.SetAttribute("url", kUrl);
  Node status204 = entry();
  status204.SetAttribute("status", "204");
  const struct {
    const char* form;
    Node::Children pictures;
    std::optional<Outcome> outcome;
  } kCases[] = {
      {"found", {found}, Outcome::kFound},
      {"no url", {entry()}, std::nullopt},
      {"no entry", {}, std::nullopt},
      {"another's",
       {MakeNode("picture", {{"jid", kAnn}, {"url", kUrl}})},
       std::nullopt},
      {"204", {status204}, Outcome::kNotSet},
      {"404", {entry({ErrorNode("404")})}, Outcome::kNotSet},
      {"401", {entry({ErrorNode("401")})}, Outcome::kHidden},
      {"403", {entry({ErrorNode("403")})}, Outcome::kHidden},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.form);
    const auto answers = ParseGroupPicturesAnswer(
        Result({MakeNode("pictures", {}, c.pictures)}), {kOther, kGroup});
    ASSERT_TRUE(answers.ok()) << answers.status();
    ASSERT_EQ(answers->size(), 2u);
    EXPECT_FALSE((*answers)[0].has_value());
    ASSERT_EQ((*answers)[1].has_value(), c.outcome.has_value());
    if (!c.outcome.has_value()) continue;
    ASSERT_TRUE((*answers)[1]->ok()) << (*answers)[1]->status();
    EXPECT_EQ((**(*answers)[1]).outcome, *c.outcome);
  }
  const auto failed = ParseGroupPicturesAnswer(
      Result({MakeNode("pictures", {},
                       Node::Children{entry({ErrorNode("429")})})}),
      {kGroup});
  EXPECT_TRUE(absl::IsResourceExhausted((*failed)[0]->status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      ParseGroupPicturesAnswer(Result(), {kGroup}).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(
      ParseGroupPicturesAnswer(Refused(ErrorNode("403")), {kGroup}).status()));
}

TEST(PictureUrlTest, SaysWhenItExpires) {
  EXPECT_EQ(UrlExpireTime(kUrl), absl::FromUnixSeconds(0x67890ABC));
  EXPECT_EQ(UrlExpireTime("https://x/y?oe=67890abc#f"),
            absl::FromUnixSeconds(0x67890ABC));
  for (const char* url :
       {"", "https://x/y", "https://x/oe=67890ABC", "https://x/y?oe=",
        "https://x/y?oe=xyz", "https://x/y?noe=67890ABC", "https://x/y?oe=-1",
        "https://x/y?oe=0x12", "https://x/y?oe=ffffffffffffffff"}) {
    EXPECT_EQ(UrlExpireTime(url), std::nullopt) << url;
  }
}

TEST(IqErrorTest, KeepsCodeTextAndBackoff) {
  Node error = ErrorNode("429", "rate-overlimit");
  error.SetAttribute("backoff", "30");
  const absl::Status status = IqError(Refused(error));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("429 rate-overlimit"));
  EXPECT_EQ(BackoffOf(status), absl::Seconds(30));
  EXPECT_TRUE(IqError(Result()).ok());
  EXPECT_EQ(IqError(Refused(ErrorNode("404"))).code(),
            absl::StatusCode::kNotFound);
}

TEST(IqErrorTest, TheServersTextIsCutBetweenCharacters) {
  const std::string text = absl::StrCat("a\n", std::string(97, 'x'), "\u00e9");
  EXPECT_EQ(IqError(Refused(ErrorNode("500", text))).message(),
            absl::StrCat("WhatsApp answered with error 500 a?",
                         std::string(97, 'x')));
}

TEST(IqErrorTest, BackoffTravelsWithTheStatus) {
  EXPECT_EQ(BackoffOf(absl::OkStatus()), absl::ZeroDuration());
  EXPECT_EQ(BackoffOf(absl::UnknownError("x")), absl::ZeroDuration());
  EXPECT_EQ(
      BackoffOf(WithBackoff(absl::UnknownError("x"), absl::Milliseconds(1500))),
      absl::Seconds(2));
  EXPECT_TRUE(WithBackoff(absl::OkStatus(), absl::Seconds(1)).ok());
}

}  // namespace
}  // namespace portrait::whatsapp
