// A file with the server's address, for scripts.
#ifndef PORTRAIT_SERVER_READY_FILE_H_
#define PORTRAIT_SERVER_READY_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace portrait {

// How programs on this machine reach the server.
struct ReadyInfo {
  std::string listen;
  std::string metrics;      // may be empty
  std::string certificate;  // the file of --tls-cert; empty: no TLS
  std::string http;         // may be empty
};

// Writes DIR/portraitd.json: {"listen", "pid", "metrics", "http", "tls"} and,
// if the server speaks TLS, "certificate", the path of its certificate. The
// destructor removes it.
class ReadyFile {
 public:
  static absl::StatusOr<ReadyFile> Write(const std::string& path,
                                         const ReadyInfo& info);
  ReadyFile(ReadyFile&& other) noexcept;
  ReadyFile& operator=(ReadyFile&&) = delete;
  ~ReadyFile();

 private:
  explicit ReadyFile(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty after a move
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_READY_FILE_H_
