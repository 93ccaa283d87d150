// Turns the effects of a batch of observations into messages of the log.
#ifndef PORTRAIT_CORE_CLUSTER_BATCH_ENTRIES_H_
#define PORTRAIT_CORE_CLUSTER_BATCH_ENTRIES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "core/store/contact_batch.h"
#include "core/store/replica.h"

namespace portrait::cluster {

struct BatchEntry {
  LogEntry entry;
  // The index in BatchEffects::results of the change that the entry has.
  std::optional<size_t> result = std::nullopt;
};

// In the order in which they must be written. Messages about a phone number and
// its LID may be in two partitions, so that a crash may take the later ones: a
// LID is mapped before the record that names it is written, because the next
// observation repeats the mapping only if the record does not name the LID.
//
// `today`, in days since 1970, becomes the last use of records without a check.
std::vector<BatchEntry> EntriesOf(const BatchEffects& effects, int32_t today);

// The messages that erase a contact with these JIDs.
std::vector<LogEntry> ErasingEntriesOf(const std::vector<std::string>& jids);

}  // namespace portrait::cluster

#endif  // PORTRAIT_CORE_CLUSTER_BATCH_ENTRIES_H_
