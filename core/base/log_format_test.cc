#include "core/base/log_format.h"

#include <chrono>
#include <string>

#include "core/base/telemetry.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string Format(LogFormat format, const std::string& message) {
  spdlog::details::log_msg line(
      spdlog::log_clock::time_point(
          std::chrono::milliseconds(1'790'000'000'123)),
      spdlog::source_loc(), "portraitd", spdlog::level::warn, message);
  spdlog::memory_buf_t text;
  NewLogFormatter(format)->clone()->format(line, text);
  return std::string(text.data(), text.size());
}

google::protobuf::Struct Json(const std::string& message) {
  google::protobuf::Struct object;
  const std::string line = Format(LogFormat::kJson, message);
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &object).ok())
      << line;
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return object;
}

TEST(LogFormatTest, TextHasTimeProgramLevelMessageAndFields) {
  const std::string line =
      Format(LogFormat::kText,
             "rpc ended" + LogFields({{"code", "OK"}, {"request_id", "a b"}}));
  EXPECT_THAT(line, HasSubstr(".123"));
  EXPECT_THAT(
      line, EndsWith(" portraitd warning rpc ended code=OK request_id=a b\n"));
}

TEST(LogFormatTest, JsonHasThemAsFields) {
  const google::protobuf::Struct object =
      Json("rpc ended" + LogFields({{"code", "OK"}, {"request_id", "a=b"}}));
  const auto& fields = object.fields();
  EXPECT_EQ(fields.at("time").string_value(), "2026-09-21T14:13:20.123Z");
  EXPECT_EQ(fields.at("level").string_value(), "warning");
  EXPECT_EQ(fields.at("program").string_value(), "portraitd");
  EXPECT_EQ(fields.at("message").string_value(), "rpc ended");
  EXPECT_EQ(fields.at("code").string_value(), "OK");
  EXPECT_EQ(fields.at("request_id").string_value(), "a=b");
}

TEST(LogFormatTest, JsonIsValidForAnyLoggedText) {
  EXPECT_EQ(
      Json("\"quoted\" \\ \n\t\x01 ü").fields().at("message").string_value(),
      "\"quoted\" \\ \n\t\x01 ü");
  EXPECT_EQ(Json("bytes \xff").fields().at("message").string_value(),
            "(not UTF-8)");
}

TEST(LogFormatTest, AValueCannotForgeAField) {
  const google::protobuf::Struct object =
      Json("rpc ended" + LogFields({{"request_id",
                                     "1\x1f"
                                     "code=OK"}}));
  EXPECT_FALSE(object.fields().contains("code"));
}

TEST(LogFormatTest, FieldsWithoutAValueAreLeftOut) {
  EXPECT_EQ(LogFields({{"request_id", ""}}), "");
}

TEST(LogTest, ProtobufsParseErrorsAreDebugLines) {
  for (const char* level : {"info", "debug"}) {
    InitLogging("portraitd", level);
    ::testing::internal::CaptureStderr();
    google::protobuf::Value value;
    value.ParseFromString("\x1A\x01\xFF");  // string_value, not UTF-8
    const std::string written = ::testing::internal::GetCapturedStderr();
    if (level == std::string("info")) {
      EXPECT_EQ(written, "");
    } else {
      EXPECT_THAT(written,
                  HasSubstr(" portraitd debug protobuf: String field"));
    }
  }
}

}  // namespace
}  // namespace portrait
