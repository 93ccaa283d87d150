// The certificate files of --tls-cert, --tls-key and --tls-client-ca, which are
// read again when they change.
#ifndef PORTRAIT_SERVER_TLS_FILES_H_
#define PORTRAIT_SERVER_TLS_FILES_H_

#include <sys/types.h>

#include <array>
#include <ctime>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// PEM files. Without a certificate the server uses plain text.
struct TlsFiles {
  std::string certificate;  // the server's, with its chain
  std::string key;
  std::string client_ca;  // if set, it must have signed callers' certificates
};

// The content of the files.
struct TlsContent {
  std::string certificate, key, client_ca;
};

// Changes when a file is written or replaced.
struct FileStamp {
  ino_t inode = 0;
  off_t size = -1;  // the file is missing
  timespec modified = {}, changed = {};

  bool operator==(const FileStamp& other) const {
    const auto same = [](const timespec& a, const timespec& b) {
      return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
    };
    return inode == other.inode && size == other.size &&
           same(modified, other.modified) && same(changed, other.changed);
  }
};

// Thread-safe.
class WatchedTlsFiles {
 public:
  // Returns null if `files` has no certificate.
  //
  // Errors: INVALID_ARGUMENT naming the flag whose file is missing or has
  // invalid content.
  static absl::StatusOr<std::unique_ptr<WatchedTlsFiles>> Read(TlsFiles files);

  // Returns the content of the files, read again if they have changed; while
  // the new content is invalid, the previous one stays in use. Reads the disk:
  // call it once per handshake.
  std::shared_ptr<const TlsContent> Current();

 private:
  WatchedTlsFiles(TlsFiles files, std::array<FileStamp, 3> stamps,
                  TlsContent content);

  const TlsFiles files_;

  absl::Mutex mu_;  // held by one handshake at a time, including file reads
  std::shared_ptr<const TlsContent> content_ ABSL_GUARDED_BY(mu_);
  std::array<FileStamp, 3> looked_at_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_TLS_FILES_H_
