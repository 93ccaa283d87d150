#include "server/ready_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/files.h"
#include "core/base/json_text.h"
#include "core/base/status_macros.h"

namespace portrait {

absl::StatusOr<ReadyFile> ReadyFile::Write(const std::string& path,
                                           const ReadyInfo& info) {
  const bool tls = !info.certificate.empty();
  // Addresses have no characters that JSON must escape.
  std::string json = absl::StrFormat(
      "{\"listen\": \"%s\", \"pid\": %d, \"metrics\": \"%s\", \"http\": "
      "\"%s\", "
      "\"tls\": %s",
      info.listen, getpid(), info.metrics, info.http, tls ? "true" : "false");
  if (tls) {
    // The reader may have another working directory.
    std::error_code ignored;
    json += ", \"certificate\": ";
    AppendJsonText(
        std::filesystem::absolute(info.certificate, ignored).string(), &json);
  }
  RETURN_IF_ERROR(WriteFile(path, absl::StrCat(json, "}\n"),
                            S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
  return ReadyFile(path);
}

ReadyFile::ReadyFile(ReadyFile&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

ReadyFile::~ReadyFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace portrait
