// Tests routes, the binding of parameters, and the JSON of bulk lookups.
#include "server/http/json.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "portrait/v1/access.pb.h"
#include "portrait/v1/profile_picture.pb.h"
#include "server/http/bulk_lines.h"
#include "server/http/parameters.h"
#include "server/http/picture_json.h"
#include "server/http/route_table.h"
#include "server/method_rights.h"

namespace portrait::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(RouteTableTest, EachMethodHasARouteAndARight) {
  std::set<std::string> routed;
  for (const Route& route : RouteTable::Get().routes()) {
    routed.insert(route.method->full_name());
    EXPECT_THAT(route.http_method, testing::AnyOf("GET", "POST", "DELETE"));
  }
  int methods = 0;
  const auto& pool = RouteTable::Get().pool();
  for (const char* name : {"ProfilePictureService", "SessionService",
                           "AccessService", "AdminService"}) {
    const auto* const service =
        pool.FindServiceByName(absl::StrCat("portrait.v1.", name));
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i, ++methods) {
      const auto& method = *service->method(i);
      EXPECT_EQ(routed.count(method.full_name()), 1) << method.full_name();
      EXPECT_TRUE(RightFor(absl::StrCat(service->name(), "/", method.name())))
          << method.full_name();
    }
  }
  EXPECT_EQ(static_cast<int>(routed.size()), methods);
}

TEST(RouteTableTest, APathVariableIsDecodedAndMayHaveAColon) {
  const auto found = RouteTable::Get().Find(
      "GET", "/v1/profilePictures/13105551234:7@s.whatsapp.net");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.route->method->name(), "GetProfilePicture");
  EXPECT_THAT(found.variables,
              ElementsAre(Pair("contact", "13105551234:7@s.whatsapp.net")));
  EXPECT_THAT(
      RouteTable::Get().Find("GET", "/v1/profilePictures/%2B1%20310").variables,
      ElementsAre(Pair("contact", "+1 310")));
  EXPECT_EQ(RouteTable::Get()
                .Find("POST", "/v1/sessions/mine:pause")
                .route->method->name(),
            "PauseSession");
}

TEST(RouteTableTest, PathsThatAreNoRouteAreNotFound) {
  for (const char* path : {"/", "", "//", "/v1", "/v1/profilePictures",
                           "/v1/profilePictures/", "/v1/profilePictures/a/b",
                           "/v1/profilePictures/%00", "/v1/profilePictures/%zz",
                           "/v1/profilePictures/%ff", "/v2/changes", "*"}) {
    EXPECT_EQ(RouteTable::Get().Find("GET", path).route, nullptr) << path;
  }
  const auto found = RouteTable::Get().Find("PUT", "/v1/sessions/a");
  EXPECT_EQ(found.route, nullptr);
  EXPECT_THAT(found.allowed, HasSubstr("GET"));
  EXPECT_THAT(found.allowed, HasSubstr("DELETE"));
}

TEST(BindParametersTest, ParametersSetFieldsOfEachType) {
  v1::GetProfilePictureRequest request;
  ASSERT_TRUE(BindParameters({{"contact", "+1"},
                              {"existingId", "7"},
                              {"options.size", "both"},
                              {"options.max_age", "24h"},
                              {"options.defaultCountry", "DE"}},
                             &request)
                  .ok());
  EXPECT_EQ(request.contact(), "+1");
  EXPECT_EQ(request.existing_id(), "7");
  EXPECT_EQ(request.options().size(), v1::PICTURE_SIZE_BOTH);
  EXPECT_EQ(request.options().max_age().seconds(), 86400);
  EXPECT_EQ(request.options().default_country(), "DE");
  // Options need no prefix.
  ASSERT_TRUE(
      BindParameters({{"size", "PICTURE_SIZE_PREVIEW"}, {"maxAge", "60s"}},
                     &request)
          .ok());
  EXPECT_EQ(request.options().size(), v1::PICTURE_SIZE_PREVIEW);
  EXPECT_EQ(request.options().max_age().seconds(), 60);

  v1::WatchProfilePictureChangesRequest watch;
  ASSERT_TRUE(
      BindParameters({{"contacts", "+1"}, {"contacts", "+2"}}, &watch).ok());
  EXPECT_THAT(watch.contacts(), ElementsAre("+1", "+2"));
}

TEST(BindParametersTest, UnknownParametersAndValuesAreRefusedByName) {
  v1::GetProfilePictureRequest request;
  for (const auto& [name, value] : Fields{{"nothing", "1"},
                                          {"options", "1"},
                                          {"options.nothing", "1"},
                                          {"contact.size", "1"},
                                          {"options.size", "SET"},
                                          {"options.maxAge", "soon"},
                                          {"", "1"},
                                          {"..", "1"}}) {
    const absl::Status status = BindParameters({{name, value}}, &request);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
  }
}

TEST(ReadJsonTest, MalformedDeepAndUnknownJsonIsRefused) {
  v1::CreateTokenRequest request;
  for (const std::string& json :
       {std::string("["), std::string("{"), std::string("{\"tenant\":1"),
        std::string("{\"nothing\":1}"), std::string("{\"tenant\":{}}"),
        std::string("null"), std::string("{\"role\":\"ROLE_NOTHING\"}"),
        absl::StrCat("{\"tenant\":", std::string(100'000, '['))}) {
    EXPECT_TRUE(absl::IsInvalidArgument(
        ReadJson(json, UnknownFields::kRefuse, &request)))
        << json.substr(0, 40);
  }
  EXPECT_TRUE(
      ReadJson("{\"nothing\":[[1]]}", UnknownFields::kIgnore, &request).ok());
  EXPECT_TRUE(ReadJson("", UnknownFields::kRefuse, &request).ok());
}

TEST(ItemReaderTest, ALineIsAnItemOrAContact) {
  ItemReader reader;
  v1::EnrichProfilePicturesRequest request;
  const std::string lines =
      "{\"tag\":\"7\",\"contact\":\"+1\",\"existingId\":\"9\"}\n"
      "{ \"contact\" : \"a\\u0040b\" , \"country\" : \"DE\" }\r\n"
      "\n"
      "+49 151\n"
      "\"+\\u0034\"\n"
      "{\"contct\":\"+1\"}\n"
      "{\"tag\":8,\"contact\":\"last\"}";
  // The same items, wherever the bytes are cut.
  for (size_t cut = 0; cut <= lines.size(); ++cut) {
    SCOPED_TRACE(cut);
    reader = {};
    request.Clear();
    ASSERT_TRUE(reader.Read(lines.substr(0, cut), false, &request).ok());
    ASSERT_TRUE(reader.Read(lines.substr(cut), true, &request).ok());
    std::vector<std::string> items;
    for (const auto& item : request.items()) {
      items.push_back(absl::StrCat(item.tag(), " ", item.contact(), " ",
                                   item.existing_id(), item.country()));
    }
    EXPECT_THAT(items, ElementsAre("7 +1 9", "2 a@b DE", "4 +49 151 ", "5 +4 ",
                                   "6 {\"contct\":\"+1\"} ", "8 last "));
  }
}

TEST(ItemReaderTest, ALineWithoutEndIsRefused) {
  ItemReader reader;
  v1::EnrichProfilePicturesRequest request;
  const std::string piece(16 << 10, '1');
  absl::Status status;
  for (int i = 0; i < 5 && status.ok(); ++i) {
    status = reader.Read(piece, false, &request);
  }
  EXPECT_TRUE(absl::IsInvalidArgument(status));
}

TEST(ReadJsonTest, DeepJsonIsRefusedBeforeItIsParsed) {
  const auto nested = [](int levels) {
    return absl::StrCat("{\"a\":", std::string(levels - 1, '['),
                        std::string(levels - 1, ']'), "}");
  };
  google::protobuf::Struct body;
  EXPECT_TRUE(ReadJson(nested(32), UnknownFields::kRefuse, &body).ok());
  for (const std::string& json :
       {nested(33), nested(100'000), std::string(100'000, '{'),
        absl::StrCat("{'\"':", nested(33), "}"),
        absl::StrCat("{\"\\\"]]]]\":", nested(33), "}")}) {
    const absl::Status status = ReadJson(json, UnknownFields::kIgnore, &body);
    EXPECT_TRUE(absl::IsInvalidArgument(status));
    EXPECT_THAT(status.message(), ::testing::HasSubstr("deeper than 32"));
  }
  // Brackets in texts do not count.
  const std::string text =
      absl::StrCat("{\"a\":\"\\\"", std::string(1000, '['), "\",'b':'[[\"'}");
  EXPECT_TRUE(ReadJson(text, UnknownFields::kRefuse, &body).ok());
}

TEST(AppendResultLineTest, TheJsonIsProtobufsOwn) {
  std::vector<v1::EnrichResult> results(7);
  results[1].set_tag(18446744073709551615u);
  auto& picture = *results[1].mutable_profile_picture();
  picture.set_jid("13105551234@s.whatsapp.net");
  picture.set_phone_number("+13105551234");
  picture.set_registration(v1::REGISTRATION_REGISTERED);
  picture.set_state(v1::PICTURE_STATE_AVAILABLE);
  picture.set_url("https://x/a?b=c&d=<e>'\"\\");
  picture.set_hash("\xff\xfe\x00");
  picture.set_is_business(true);
  picture.set_name("T\u00e4st \u2028\u202e\t\x01\x7f \U0001F600");
  picture.mutable_check_time()->set_seconds(1'795'900'000);
  picture.mutable_change_time()->set_seconds(1'795'900'000);
  picture.mutable_change_time()->set_nanos(120'000'000);
  picture.mutable_url_expire_time()->set_seconds(1);
  picture.mutable_url_expire_time()->set_nanos(1);
  picture.set_source(v1::SOURCE_WHATSAPP);
  results[2].mutable_profile_picture();
  results[3].mutable_error()->set_reason(v1::ERROR_REASON_RATE_LIMITED);
  results[3].mutable_error()->set_message("wait");
  results[3].mutable_error()->mutable_retry_after()->set_seconds(3);
  results[3].mutable_error()->mutable_retry_after()->set_nanos(5'000'000);
  results[4].set_tag(1);
  results[4].mutable_profile_picture()->set_state(
      static_cast<v1::PictureState>(99));
  // Without characters that need an escape, and with each precision of times.
  results[5] = results[1];
  auto& plain = *results[5].mutable_profile_picture();
  plain.set_url("https://x/a?b=c&d='e'");
  plain.set_name("Ann");
  plain.mutable_url_expire_time()->set_nanos(0);
  plain.mutable_check_time()->set_nanos(120'004'000);
  plain.set_previous_id("7");
  plain.set_session("mine");
  results[6].mutable_profile_picture()->mutable_check_time();
  for (const v1::EnrichResult& result : results) {
    std::string line;
    AppendResultLine(result.SerializeAsString(), &line);
    EXPECT_EQ(line, absl::StrCat(*WriteJson(result), "\n"));
  }
}

std::string LineOf(const std::string& result) {
  std::string line;
  AppendResultLine(result, &line);
  return line;
}

// Each field has a random value or is absent. Some values contain a character
// that JSON escapes.
v1::EnrichResult RandomResult(std::mt19937& random) {
  const auto often = [&] { return random() % 4 != 0; };
  const auto text = [&] {
    static constexpr const char* kTexts[] = {
        "a", "+13105551234", "https://x/y?z=1", "<\"\\>", "\u00e4\u2028", ""};
    return std::string(
        kTexts[random() % 40 < 35 ? random() % 3 : random() % 6]);
  };
  const auto set_time = [&](google::protobuf::Timestamp* time) {
    time->set_seconds(static_cast<int64_t>(random()) - 1000);
    time->set_nanos(std::vector<int>{0, 5'000'000, 5'000, 1}[random() % 4]);
  };
  v1::EnrichResult result;
  if (often()) result.set_tag(random());
  if (!often()) return result;
  v1::ProfilePicture& picture = *result.mutable_profile_picture();
  if (often()) picture.set_jid(text());
  if (often()) picture.set_lid(text());
  if (often()) picture.set_url(text());
  if (often()) picture.set_hash(std::string(random() % 40, '\xfe'));
  if (often()) picture.set_name(text());
  if (often()) picture.set_is_business(often());
  if (often()) set_time(picture.mutable_check_time());
  if (often()) set_time(picture.mutable_change_time());
  picture.set_state(static_cast<v1::PictureState>(random() % 9));
  picture.set_source(static_cast<v1::Source>(random() % 4));
  picture.set_registration(static_cast<v1::Registration>(random() % 4));
  return result;
}

TEST(AppendResultLineTest, ManyResultsAreWrittenAsProtobufWritesThem) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const v1::EnrichResult result = RandomResult(random);
    ASSERT_EQ(LineOf(result.SerializeAsString()),
              absl::StrCat(*WriteJson(result), "\n"))
        << i;
  }
}

TEST(AppendResultLineTest, RepeatedAndUnknownFieldsAreReadAsProtobufReadsThem) {
  std::mt19937 random(2);
  for (int i = 0; i < 2'000; ++i) {
    const std::string bytes = RandomResult(random).SerializeAsString() +
                              RandomResult(random).SerializeAsString() +
                              (i % 2 == 0 ? "" : "\xf8\x07\x01");
    v1::EnrichResult result;
    ASSERT_TRUE(result.ParseFromString(bytes));
    ASSERT_EQ(LineOf(bytes), absl::StrCat(*WriteJson(result), "\n")) << i;
  }
}

TEST(AppendResultLineTest, MalformedBytesAreLeftOut) {
  v1::EnrichProfilePicturesResponse response;
  response.add_results()->mutable_profile_picture()->set_jid("a");
  const std::string bytes = response.SerializeAsString();
  for (size_t size = 1; size < bytes.size(); ++size) {
    std::string lines;
    EXPECT_FALSE(AppendResultLines(bytes.substr(0, size), &lines)) << size;
    EXPECT_EQ(lines, "");
  }
  std::string lines;
  EXPECT_TRUE(AppendResultLines(bytes, &lines));
  EXPECT_EQ(lines, "{\"profilePicture\":{\"jid\":\"a\"}}\n");
}

TEST(AppendPictureJsonTest, AFieldOfNumberZeroIsMalformed) {
  for (const absl::string_view zero :
       {absl::string_view("\x02\x00", 2), absl::string_view("\x00\x01", 2)}) {
    std::string json;
    EXPECT_FALSE(AppendPictureJson(zero, &json));
  }
}

// Sets the field to a value that is not its default.
void SetSomething(const google::protobuf::FieldDescriptor& field,
                  google::protobuf::Message* message) {
  const auto& reflection = *message->GetReflection();
  using Field = google::protobuf::FieldDescriptor;
  if (field.is_repeated()) {
    ASSERT_EQ(field.cpp_type(), Field::CPPTYPE_STRING);
    reflection.AddString(message, &field, "a");
    return;
  }
  switch (field.cpp_type()) {
    case Field::CPPTYPE_STRING:
      return reflection.SetString(message, &field, "a");
    case Field::CPPTYPE_BOOL:
      return reflection.SetBool(message, &field, true);
    case Field::CPPTYPE_ENUM:
      return reflection.SetEnumValue(message, &field, 1);
    case Field::CPPTYPE_UINT64:
      return reflection.SetUInt64(message, &field, 1);
    case Field::CPPTYPE_MESSAGE:
      reflection.MutableMessage(message, &field);
      return;
    default:
      FAIL() << field.full_name();
  }
}

TEST(AppendPictureJsonTest, NoFieldIsLeftOut) {
  v1::EnrichResult all;
  auto& picture = *all.mutable_profile_picture();
  const auto& type = *v1::ProfilePicture::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    SCOPED_TRACE(type.field(i)->name());
    v1::EnrichResult one;
    SetSomething(*type.field(i), one.mutable_profile_picture());
    SetSomething(*type.field(i), &picture);
    std::string line;
    AppendResultLine(one.SerializeAsString(), &line);
    EXPECT_EQ(line, absl::StrCat(*WriteJson(one), "\n"));
  }
  std::string line;
  AppendResultLine(all.SerializeAsString(), &line);
  EXPECT_EQ(line, absl::StrCat(*WriteJson(all), "\n"));
  // Without the fields that protobuf writes, the others stand together.
  picture.clear_image();
  picture.clear_shared_by();
  line.clear();
  AppendResultLine(all.SerializeAsString(), &line);
  EXPECT_EQ(line, absl::StrCat(*WriteJson(all), "\n"));
}

}  // namespace
}  // namespace portrait::http
