// Records the stanzas of clients, for tests that compare clients.
#ifndef PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STANZA_RECORDER_H_
#define PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STANZA_RECORDER_H_

#include <fstream>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "core/whatsapp/node.h"

namespace portrait::sim {

struct RecordedStanza {
  std::string companion;  // JID text; empty while pairing
  whatsapp::Node node;
};

// One JSON object: {"tag", "attrs", "content"}. Attributes and text content
// with an '@' are JIDs, as in the test vectors; a text that only looks like one
// is {"text": …}; bytes are {"hex": …}.
std::string NodeToJson(const whatsapp::Node& node);

// Thread-safe. Records nothing unless told to.
class StanzaRecorder {
 public:
  // Keeps stanzas in memory, up to a limit.
  void Enable() ABSL_LOCKS_EXCLUDED(mu_);
  // Writes each stanza at once, as a line {"companion", "node"}, and the
  // ClientPayload of each connection as {"payload": {"hex"}}.
  //
  // Errors: UNAVAILABLE if the file cannot be written.
  absl::Status WriteTo(const std::string& path) ABSL_LOCKS_EXCLUDED(mu_);

  void Record(const std::string& companion, const whatsapp::Node& node)
      ABSL_LOCKS_EXCLUDED(mu_);
  // `payload` is the serialized ClientPayload; it is only written to files.
  void RecordPayload(const std::string& payload) ABSL_LOCKS_EXCLUDED(mu_);
  std::vector<RecordedStanza> stanzas() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable absl::Mutex mu_;
  bool enabled_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<RecordedStanza> stanzas_ ABSL_GUARDED_BY(mu_);
  std::ofstream file_ ABSL_GUARDED_BY(mu_);
};

}  // namespace portrait::sim

#endif  // PORTRAIT_TESTS_WHATSAPP_SIM_CONTROL_STANZA_RECORDER_H_
