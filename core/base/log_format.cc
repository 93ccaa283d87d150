#include "core/base/log_format.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "core/base/json_text.h"
#include "spdlog/spdlog.h"

namespace portrait {
namespace {

// Marks the start of each field within a message; plain text has a space there.
constexpr char kFieldSeparator = '\x1f';

absl::string_view View(spdlog::string_view_t text) {
  return absl::string_view(text.data(), text.size());
}

absl::Time TimeOf(const spdlog::details::log_msg& message) {
  return absl::FromChrono(message.time);
}

absl::string_view LevelOf(const spdlog::details::log_msg& message) {
  return View(spdlog::level::to_string_view(message.level));
}

class TextFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message,
              spdlog::memory_buf_t& line) override {
    std::string text =
        absl::StrCat(absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3S%Ez",
                                      TimeOf(message), absl::LocalTimeZone()),
                     " ", View(message.logger_name), " ", LevelOf(message), " ",
                     View(message.payload), "\n");
    for (char& c : text) {
      if (c == kFieldSeparator) c = ' ';
    }
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<TextFormatter>();
  }
};

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message,
              spdlog::memory_buf_t& line) override {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(View(message.payload), kFieldSeparator);
    std::string json =
        absl::StrCat("{\"time\":\"", JsonTime(TimeOf(message)),
                     "\",\"level\":\"", LevelOf(message), "\",\"program\":\"",
                     View(message.logger_name), "\",\"message\":");
    AppendJsonText(parts[0], &json);
    for (size_t i = 1; i < parts.size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> field =
          absl::StrSplit(parts[i], absl::MaxSplits('=', 1));
      absl::StrAppend(&json, ",\"", field.first, "\":");
      AppendJsonText(field.second, &json);
    }
    json += "}\n";
    line.append(json.data(), json.data() + json.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

bool LogsDebug() { return spdlog::should_log(spdlog::level::debug); }

std::string LogFields(
    std::initializer_list<std::pair<absl::string_view, absl::string_view>>
        fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    text += kFieldSeparator;
    absl::StrAppend(&text, name, "=");
    // A separator within a value would be read as the start of the next field.
    for (const char c : value) text += c == kFieldSeparator ? ' ' : c;
  }
  return text;
}

std::unique_ptr<spdlog::formatter> NewLogFormatter(LogFormat format) {
  if (format == LogFormat::kJson) return std::make_unique<JsonFormatter>();
  return std::make_unique<TextFormatter>();
}

void SetLogLevel(const std::string& level) {
  spdlog::set_level(spdlog::level::from_str(level));
}

void SetLogFormat(LogFormat format) {
  spdlog::default_logger()->set_formatter(NewLogFormatter(format));
}

}  // namespace portrait
