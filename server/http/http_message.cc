#include "server/http/http_message.h"

#include <boost/beast/http/status.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "core/base/utf8.h"

namespace portrait::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "text/html; charset=utf-8" → "text/html".
absl::string_view MediaTypeOf(absl::string_view value) {
  return absl::StripAsciiWhitespace(value.substr(0, value.find(';')));
}

}  // namespace

absl::string_view FieldOf(const Fields& fields, absl::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return "";
}

absl::string_view ReasonPhrase(int status) {
  const auto known =
      boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return "Status";
  const auto phrase = boost::beast::http::obsolete_reason(known);
  return absl::string_view(phrase.data(), phrase.size());
}

std::optional<std::string> DecodePercent(absl::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  if (!IsUtf8(decoded)) return std::nullopt;
  return decoded;
}

std::optional<Fields> ParseQuery(absl::string_view query) {
  Fields parameters;
  for (const absl::string_view part :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const size_t equals = part.find('=');
    std::optional<std::string> name = DecodePercent(part.substr(0, equals));
    std::optional<std::string> value =
        equals == absl::string_view::npos
            ? std::string()
            : DecodePercent(part.substr(equals + 1));
    if (!name.has_value() || !value.has_value()) return std::nullopt;
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

bool IsContentType(absl::string_view content_type, absl::string_view wanted) {
  return absl::EqualsIgnoreCase(MediaTypeOf(content_type), wanted);
}

bool Accepts(const Request& request, absl::string_view media_type) {
  for (const auto& [name, value] : request.headers) {
    if (name != "accept") continue;
    for (const absl::string_view part : absl::StrSplit(value, ',')) {
      if (IsContentType(part, media_type)) return true;
    }
  }
  return false;
}

}  // namespace portrait::http
