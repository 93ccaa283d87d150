#include "server/ready_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_format.h"
#include "core/base/files.h"
#include "core/base/status_macros.h"

namespace portrait {

absl::StatusOr<ReadyFile> ReadyFile::Write(const std::string& path,
                                           absl::string_view listen,
                                           absl::string_view metrics) {
  // Addresses have no characters that JSON must escape.
  RETURN_IF_ERROR(
      WriteFile(path,
                absl::StrFormat(
                    "{\"listen\": \"%s\", \"pid\": %d, \"metrics\": \"%s\"}\n",
                    listen, getpid(), metrics),
                S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
  return ReadyFile(path);
}

ReadyFile::ReadyFile(ReadyFile&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

ReadyFile::~ReadyFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace portrait
