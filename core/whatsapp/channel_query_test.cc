#include "core/whatsapp/channel_query.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::whatsapp {
namespace {

using ::testing::HasSubstr;

const Jid kChannel = {"120363144038483540", kNewsletterServer};

Node Result(const std::string& json) {
  return MakeNode("iq", {{"type", "result"}, {"id", "1"}},
                  Node::Children{MakeNode("result", {}, Node::Bytes{json})});
}

// A channel whose thread_metadata has these fields beside its name.
std::string Channel(const std::string& pictures,
                    const std::string& state = "ACTIVE") {
  return absl::StrCat(
      R"({"data":{"xwa2_newsletter":{"id":"120363144038483540@newsletter",)",
      R"("state":{"type":")", state,
      R"("},"thread_metadata":{"creation_time":)",
      R"("1688746895","name":{"text":"Caf\u00e9","update_time":"1"},)",
      R"("subscribers_count":"4242","settings":{"reaction_codes":null})",
      pictures, R"(},"viewer_metadata":null}}})");
}

ChannelAnswer Parse(const std::string& json) {
  const absl::StatusOr<ChannelAnswer> answer = ParseChannelAnswer(Result(json));
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.value_or(ChannelAnswer());
}

TEST(ChannelQueryTest, QueriesAsAGuestWithAllVariables) {
  const Node iq = MakeChannelQuery(kChannel);
  EXPECT_EQ(iq.AttributeOr("xmlns"), "w:mex");
  EXPECT_EQ(iq.AttributeOr("type"), "get");
  EXPECT_EQ(iq.JidAttribute("to"), ServerJid());
  const Node& query = iq.children().front();
  EXPECT_EQ(query.AttributeOr("query_id"), "27456920720571478");
  const std::string json = query.Data();
  EXPECT_THAT(json,
              HasSubstr(R"("input":{"key":"120363144038483540@newsletter",)"
                        R"("type":"JID","view_role":"GUEST"})"));
  for (const char* variable :
       {"fetch_creation_time", "fetch_full_image", "fetch_pinned_messages",
        "fetch_status_metadata", "fetch_viewer_metadata", "fetch_wamo_sub"}) {
    EXPECT_THAT(json, HasSubstr(absl::StrCat("\"", variable, "\":")));
  }
}

TEST(ChannelAnswerTest, TellsNameAndPictures) {
  const ChannelAnswer answer = Parse(Channel(
      R"(,"picture":{"id":"17","direct_path":"/v/1.jpg?oe=1","type":"IMAGE"},)"
      R"("preview":{"id":"17","direct_path":"/v/2.jpg?oe=2","type":"PREVIEW"})"));
  EXPECT_TRUE(answer.exists);
  EXPECT_EQ(answer.name, "Caf\xC3\xA9");
  EXPECT_EQ(answer.picture_id, "17");
  EXPECT_EQ(answer.image_path, "/v/1.jpg?oe=1");
  EXPECT_EQ(answer.preview_path, "/v/2.jpg?oe=2");
}

TEST(ChannelAnswerTest, ManyChannelsHaveOnlyThePreviewOrNoPicture) {
  const ChannelAnswer preview = Parse(Channel(
      R"(,"picture":null,"preview":{"direct_path":"/v/a-24/416_n.jpg?oe=2"})"));
  EXPECT_EQ(preview.image_path, "");
  EXPECT_EQ(preview.preview_path, "/v/a-24/416_n.jpg?oe=2");
  // Without an id, the file name is the picture's id.
  EXPECT_EQ(preview.picture_id, "416_n.jpg");
  for (const char* none :
       {"", R"(,"picture":null,"preview":null)",
        R"(,"preview":{"id":"1","direct_path":""})",
        // The path would change the host, and names no file.
        R"(,"preview":{"id":"1","direct_path":".x.org/1"})",
        R"(,"preview":{"id":"1","direct_path":"/v/?oe=1"})"}) {
    const ChannelAnswer answer = Parse(Channel(none));
    EXPECT_TRUE(answer.exists);
    EXPECT_EQ(answer.picture_id + answer.preview_path, "");
  }
}

TEST(ChannelAnswerTest, AChannelMayNotExist) {
  const Node gone = MakeNode(
      "iq", {{"type", "error"}},
      Node::Children{MakeNode("error", {{"code", "404"}, {"text", "x"}})});
  EXPECT_FALSE(ParseChannelAnswer(gone)->exists);
  for (const std::string& json :
       {std::string(R"({"data":{"xwa2_newsletter":null}})"),
        Channel("", "DELETED"), Channel("", "NON_EXISTING"),
        std::string(R"({"data":null,"errors":[{"message":"m","extensions":)"
                    R"({"error_code":404,"is_summary":true}}]})")}) {
    EXPECT_FALSE(Parse(json).exists) << json;
  }
}

TEST(ChannelAnswerTest, AnErrorIsNotAFact) {
  const struct {
    const char* json;
    absl::StatusCode code;
  } kCases[] = {
      {R"({"errors":[{"message":"m","extensions":{"error_code":429}}]})",
       absl::StatusCode::kResourceExhausted},
      // The summary error takes precedence over the others.
      {R"({"errors":[{"extensions":{"error_code":404}},)"
       R"({"extensions":{"error_code":403,"is_summary":true}}]})",
       absl::StatusCode::kPermissionDenied},
      {R"({"errors":[{"message":"no code"}]})", absl::StatusCode::kUnavailable},
      {R"({"data":null})", absl::StatusCode::kInvalidArgument},
      {"{}", absl::StatusCode::kInvalidArgument},
      {"", absl::StatusCode::kInvalidArgument},
      {R"({"data":{"xwa2_newsletter":7}})", absl::StatusCode::kInvalidArgument},
      {R"({"data":)", absl::StatusCode::kInvalidArgument},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ParseChannelAnswer(Result(c.json)).status().code(), c.code)
        << c.json;
  }
  EXPECT_EQ(
      ParseChannelAnswer(MakeNode("iq", {{"type", "result"}})).status().code(),
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseChannelAnswer(
                Result(absl::StrCat(R"({"errors":[{"message":"a\n)",
                                    std::string(1000, 'x'), R"("}]})")))
                .status()
                .message(),
            absl::StrCat("WhatsApp answered with error 500 a?",
                         std::string(98, 'x')));
  // Arrays nested without end.
  EXPECT_FALSE(ParseChannelAnswer(Result(std::string(100'000, '['))).ok());
}

}  // namespace
}  // namespace portrait::whatsapp
