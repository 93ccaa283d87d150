#include "core/base/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/base/status_macros.h"

namespace portrait {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool IsHexKey(absl::string_view line) {
  return line.size() == 2 * kSealKeyBytes &&
         std::all_of(line.begin(), line.end(), absl::ascii_isxdigit);
}

int ValueOf(char digit) {
  if (absl::ascii_isdigit(digit)) return digit - '0';
  return absl::ascii_tolower(digit) - 'a' + 10;
}

// absl's conversion would leave copies of the key in memory.
Secret FromHex(absl::string_view digits) {
  std::string bytes(digits.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(ValueOf(digits[2 * i]) << 4 |
                                 ValueOf(digits[2 * i + 1]));
  }
  return bytes;
}

void AppendHexLine(absl::string_view bytes, std::string* text) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text->push_back(kHexDigits[byte >> 4]);
    text->push_back(kHexDigits[byte & 0xF]);
  }
  text->push_back('\n');
}

// The file must be readable by its owner only, or belong to root and be
// readable by a group: the service cannot change the mode of root's file.
absl::Status CheckMode(const std::string& path) {
  struct stat info = {};
  // Reading reports the error.
  if (stat(path.c_str(), &info) != 0) return absl::OkStatus();
  const bool is_handed_to_us = info.st_uid == 0 && geteuid() != 0;
  const mode_t allowed = S_IRWXU | (is_handed_to_us ? S_IRGRP : 0);
  if ((info.st_mode & ACCESSPERMS & ~allowed) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrFormat("key file %s has mode %04o: users other than its owner "
                      "can read or change it; run chmod 600 on it",
                      path, info.st_mode & ALLPERMS));
}

}  // namespace

SealKeys MakeSealKeys() {
  return {.current = RandomBytes(kSealKeyBytes), .former = {}};
}

absl::StatusOr<SealKeys> ReadKeyFile(const std::string& path) {
  RETURN_IF_ERROR(CheckMode(path));
  ASSIGN_OR_RETURN(std::string read, ReadFile(path));
  const Secret content = std::move(read);
  std::vector<Secret> keys;
  for (absl::string_view line : absl::StrSplit(content.view(), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    if (!IsHexKey(line) || keys.size() == kMaxSealKeys) {
      keys.clear();
      break;
    }
    keys.push_back(FromHex(line));
  }
  if (keys.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "key file ", path, ": expected one key of ", 2 * kSealKeyBytes,
        " hexadecimal digits per line, and at most this number of keys: ",
        kMaxSealKeys));
  }
  SealKeys result;
  result.current = std::move(keys.front());
  result.former.assign(std::make_move_iterator(keys.begin() + 1),
                       std::make_move_iterator(keys.end()));
  return result;
}

absl::Status WriteKeyFile(const std::string& path, const SealKeys& keys) {
  std::string text;
  text.reserve((2 * kSealKeyBytes + 1) * (1 + keys.former.size()));
  AppendHexLine(keys.current, &text);
  for (const Secret& key : keys.former) AppendHexLine(key, &text);
  const Secret content = std::move(text);
  return WriteFile(path, content, S_IRUSR | S_IWUSR);
}

}  // namespace portrait
