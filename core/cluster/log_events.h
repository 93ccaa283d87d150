// What a ClusterLog tells the store that is written through it.
#ifndef PORTRAIT_CORE_CLUSTER_LOG_EVENTS_H_
#define PORTRAIT_CORE_CLUSTER_LOG_EVENTS_H_

#include <functional>
#include <string>
#include <vector>

namespace portrait::cluster {

struct LogEvents {
  // On the reading thread: changes by other nodes were applied.
  std::function<void()> on_changes;
  // On the reading thread: another node erased a contact.
  std::function<void(const std::string& jid)> on_erased;
  // These keys have to be written to the log again.
  std::function<void(const std::vector<std::string>& keys)> on_repair;
};

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_LOG_EVENTS_H_
