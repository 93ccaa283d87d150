// ScriptedCdn is an HTTP/1.1 server on the loopback whose answers a test
// writes byte by byte, so that they may break every rule.
#ifndef PORTRAIT_CORE_IMAGE_TESTING_SCRIPTED_CDN_H_
#define PORTRAIT_CORE_IMAGE_TESTING_SCRIPTED_CDN_H_

#include <functional>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace portrait {

// Thread-safe. Serves until it is destroyed.
class ScriptedCdn {
 public:
  // Sends bytes; false once the client or the server has closed.
  using Send = std::function<bool(absl::string_view bytes)>;
  // Answers one request; the connection is closed when it returns false.
  using Script =
      std::function<bool(const std::string& request, const Send& send)>;

  explicit ScriptedCdn(Script script);
  ~ScriptedCdn();

  std::string origin() const { return origin_; }
  int port() const { return port_; }
  // The paths that were requested, in order.
  std::vector<std::string> paths() const;
  size_t connections() const;

  // A complete answer with this body.
  static std::string Ok(absl::string_view body);

 private:
  void Accept();
  void Serve(int socket);

  const Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::string origin_;
  std::thread acceptor_;

  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::list<int> sockets_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> servers_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> paths_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_IMAGE_TESTING_SCRIPTED_CDN_H_
