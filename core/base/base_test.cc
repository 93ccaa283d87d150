#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/clock.h"
#include "core/base/proto_time.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"
#include "core/base/telemetry.h"
#include "core/base/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait {
namespace {

namespace asio = boost::asio;

TEST(MaskedTest, ShowsTheCountryAndTheLastTwoDigitsOnly) {
  struct Case {
    std::string contact;
    std::string masked;
  };
  const Case cases[] = {
      {"+13105551234", "+131******34"},
      {"13105551234@s.whatsapp.net", "131******34@s.whatsapp.net"},
      {"13105551234:7@s.whatsapp.net", "131******34:7@s.whatsapp.net"},
      {"100875997589545@lid", "100**********45@lid"},
      {"120363-041234@g.us", "120***-****34@g.us"},
      {"+1 (310) 555-1234", "+1**31******-**34"},
      {"123456", "123*56"},
      // These contacts are too short to show any of their digits.
      {"12345", "*****"},
      {"+12", "+**"},
      {"Alice Smith", "***********"},
      {"@s.whatsapp.net", "@s.whatsapp.net"},
      {"", ""},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(Masked(each.contact), each.masked) << each.contact;
  }
}

TEST(ProtoTimeTest, TimesComeBackToTheMicrosecond) {
  for (const absl::Time time :
       {absl::UnixEpoch(), absl::FromUnixMicros(1'800'000'000'123'456),
        absl::FromUnixMicros(-1), absl::FromUnixMicros(-1'000'000),
        absl::FromUnixMicros(-1'500'001)}) {
    SCOPED_TRACE(absl::FormatTime(time));
    const google::protobuf::Timestamp proto = ToProto(time);
    EXPECT_GE(proto.nanos(), 0);
    EXPECT_LT(proto.nanos(), 1'000'000'000);
    EXPECT_EQ(FromProto(proto), time);
  }
}

TEST(ProtoTimeTest, TimesAreRoundedDown) {
  const absl::Time time = absl::FromUnixMicros(5) + absl::Nanoseconds(999);
  EXPECT_EQ(FromProto(ToProto(time)), absl::FromUnixMicros(5));
}

TEST(ProtoTimeTest, DurationsComeBackWithTheirSign) {
  for (const absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Hours(24 * 365),
        -absl::Milliseconds(1500), -absl::Nanoseconds(1)}) {
    SCOPED_TRACE(absl::FormatDuration(duration));
    const google::protobuf::Duration proto = ToProto(duration);
    // protobuf requires that seconds and nanoseconds have the same sign.
    EXPECT_GE(proto.seconds() * proto.nanos(), 0);
    EXPECT_EQ(FromProto(proto), duration);
  }
}

TEST(ClockTest, AManualClockMovesWhenTold) {
  ManualClock manual(absl::FromUnixSeconds(100));
  const Clock clock = manual.clock();
  EXPECT_EQ(clock(), absl::FromUnixSeconds(100));
  manual.Advance(absl::Seconds(5));
  EXPECT_EQ(clock(), absl::FromUnixSeconds(105));
}

TEST(ClockTest, TheSystemClockIsTheWallClock) {
  const absl::Time before = absl::Now();
  const absl::Time now = SystemClock()();
  EXPECT_LE(before, now);
  EXPECT_LE(now, absl::Now());
}

TEST(RandomTest, RandomBytesHaveTheRequestedSizeAndDiffer) {
  EXPECT_EQ(RandomBytes(0), "");
  EXPECT_EQ(RandomBytes(32).size(), 32u);
  EXPECT_NE(RandomBytes(32), RandomBytes(32));
}

TEST(RandomTest, NumbersStayBelowTheirBound) {
  EXPECT_EQ(RandomBelow(0), 0u);
  EXPECT_EQ(RandomBelow(1), 0u);
  std::set<uint32_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(RandomBelow(3));
    const double between = RandomBetween(-1.0, 2.0);
    EXPECT_GE(between, -1.0);
    EXPECT_LT(between, 2.0);
  }
  EXPECT_EQ(seen, (std::set<uint32_t>{0, 1, 2}));
}

absl::StatusOr<std::unique_ptr<int>> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return std::make_unique<int>(number / 2);
}

absl::StatusOr<int> Quarter(int number) {
  ASSIGN_OR_RETURN(const std::unique_ptr<int> half, Half(number));
  ASSIGN_OR_RETURN(std::unique_ptr<int> quarter, Half(*half));
  return *quarter;
}

absl::Status CheckQuarter(int number, int& calls) {
  RETURN_IF_ERROR(Quarter(number).status());
  ++calls;
  RETURN_IF_ERROR(absl::OkStatus());
  return absl::OkStatus();
}

TEST(StatusMacrosTest, LeaveAFunctionWithTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(3).status(), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(Quarter(6).status(), absl::InvalidArgumentError("odd"));

  int calls = 0;
  EXPECT_TRUE(CheckQuarter(8, calls).ok());
  EXPECT_EQ(CheckQuarter(6, calls), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(calls, 1);
}

TEST(StatusMacrosTest, AssignToExistingVariables) {
  const auto sum = [](int a, int b) -> absl::StatusOr<int> {
    std::unique_ptr<int> half;
    ASSIGN_OR_RETURN(half, Half(a));
    const int first = *half;
    ASSIGN_OR_RETURN(half, Half(b));
    return first + *half;
  };
  EXPECT_EQ(*sum(2, 4), 3);
  EXPECT_FALSE(sum(2, 5).ok());
}

asio::awaitable<absl::StatusOr<std::unique_ptr<int>>> FetchHalf(int number) {
  co_return Half(number);
}

asio::awaitable<absl::StatusOr<int>> FetchQuarter(int number) {
  CO_ASSIGN_OR_RETURN(const std::unique_ptr<int> half,
                      co_await FetchHalf(number));
  CO_ASSIGN_OR_RETURN(std::unique_ptr<int> quarter, co_await FetchHalf(*half));
  co_return *quarter;
}

asio::awaitable<absl::Status> FetchCheck(int number) {
  const absl::StatusOr<int> quarter = co_await FetchQuarter(number);
  CO_RETURN_IF_ERROR(quarter.status());
  CO_RETURN_IF_ERROR(*quarter == 0 ? absl::NotFoundError("zero")
                                   : absl::OkStatus());
  co_return absl::OkStatus();
}

template <typename T>
T RunToEnd(asio::awaitable<T> coroutine) {
  asio::io_context io;
  std::optional<T> result;
  asio::co_spawn(io, std::move(coroutine),
                 [&](std::exception_ptr error, T value) {
                   EXPECT_EQ(error, nullptr);
                   result.emplace(std::move(value));
                 });
  io.run();
  return *std::move(result);
}

TEST(StatusMacrosTest, LeaveACoroutineWithTheFirstError) {
  EXPECT_EQ(*RunToEnd(FetchQuarter(12)), 3);
  EXPECT_EQ(RunToEnd(FetchQuarter(3)).status(),
            absl::InvalidArgumentError("odd"));
  EXPECT_EQ(RunToEnd(FetchQuarter(6)).status(),
            absl::InvalidArgumentError("odd"));
  EXPECT_TRUE(RunToEnd(FetchCheck(4)).ok());
  EXPECT_EQ(RunToEnd(FetchCheck(6)), absl::InvalidArgumentError("odd"));
  EXPECT_EQ(RunToEnd(FetchCheck(0)), absl::NotFoundError("zero"));
}

TEST(Utf8Test, UntrustedTextBecomesOneShortLine) {
  const struct {
    std::string text;
    size_t max_bytes;
    const char* line;
  } kCases[] = {
      {"as it is", 8, "as it is"},
      {"as it is", 7, "as it i"},
      {"", 0, ""},
      {"x", 0, ""},
      {"two\nlines\x1B[2J\x7F", 99, "two?lines?[2J?"},
      {"caf\u00e9", 5, "caf\u00e9"},
      {"caf\u00e9", 4, "caf"},
      {"\xFF\xFE", 99, "\uFFFD\uFFFD"},
      {"\xFF\xFE", 5, "\uFFFD"},
      {"\U0001F600\U0001F600", 7, "\U0001F600"},
      {std::string("a\0b", 3), 99, "a?b"},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(Presentable(each.text, each.max_bytes), each.line);
  }
}

TEST(Utf8Test, TakesWholeCharactersAndReplacesOtherBytes) {
  struct Case {
    std::string text;
    std::string valid;
  };
  const Case cases[] = {
      {"", ""},
      {std::string("a\0b", 3), std::string("a\0b", 3)},
      {"Café Öztürk 你好 🙂", "Café Öztürk 你好 🙂"},
      {"cut \xE4\xBD", "cut \uFFFD\uFFFD"},
      {"\xC0\xAF", "\uFFFD\uFFFD"},                      // overlong
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // above U+10FFFF
      {"\xF4\x8F\xBF\xBF", "\U0010FFFF"},
      {"\x80tail", "\uFFFDtail"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(ValidUtf8(each.text), each.valid);
    EXPECT_EQ(IsUtf8(each.text), each.text == each.valid) << each.valid;
  }
}

TEST(InitLoggingTest, AnUnknownLogLevelMeansInfo) {
  struct Case {
    std::string name;
    spdlog::level::level_enum level;
  };
  const Case cases[] = {
      {"debug", spdlog::level::debug}, {"warning", spdlog::level::warn},
      {"error", spdlog::level::err},   {"off", spdlog::level::off},
      {"loud", spdlog::level::info},   {"", spdlog::level::info},
  };
  for (const Case& each : cases) {
    InitLogging("base_test", each.name);
    EXPECT_EQ(spdlog::get_level(), each.level) << each.name;
  }
}

}  // namespace
}  // namespace portrait
