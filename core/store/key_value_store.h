// KeyValueStore keeps accounts, tokens and references to images, apart from
// contacts and changes.
#ifndef PORTRAIT_CORE_STORE_KEY_VALUE_STORE_H_
#define PORTRAIT_CORE_STORE_KEY_VALUE_STORE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace portrait {

// Small named values beside the contacts. Thread-safe; durable on return.
class KeyValueStore {
 public:
  virtual ~KeyValueStore() = default;
  // Errors: NOT_FOUND if the key is missing.
  virtual absl::StatusOr<std::string> Get(absl::string_view key) = 0;
  virtual absl::Status Put(absl::string_view key, absl::string_view value) = 0;
  // Writes all values or none, unless the store is shared: after an error, some
  // of the values may then be stored.
  virtual absl::Status PutAll(
      absl::Span<const std::pair<std::string, std::string>> entries) = 0;
  virtual absl::Status Delete(absl::string_view key) = 0;
  // Removes erased and replaced values from the disk's files, if there is a
  // disk.
  virtual absl::Status Scrub() { return absl::OkStatus(); }
  // Whether the values are those of several servers, one of which writes.
  virtual bool is_shared() const { return false; }
  virtual absl::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      absl::string_view prefix) = 0;
};

// A KeyValueStore that is also changed in batches and read in pieces, for data
// of any size. Keys are ordered by their bytes.
class OrderedKeyValueStore : public KeyValueStore {
 public:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  // Writes `puts` and removes `deletes`, all or none.
  virtual absl::Status Update(absl::Span<const Entries::value_type> puts,
                              absl::Span<const std::string> deletes) = 0;
  // Up to `limit` entries whose keys have the prefix and come after `after`,
  // which is a whole key or empty.
  virtual absl::StatusOr<Entries> ListAfter(absl::string_view prefix,
                                            absl::string_view after,
                                            size_t limit) = 0;
  // Calls `on_key` for each key that has one of the prefixes, in the order of
  // the prefixes, until it returns false. The key is valid until it returns. In
  // increasing order, many prefixes take less time than as many calls of
  // ListAfter.
  virtual absl::Status VisitKeys(
      absl::Span<const std::string> prefixes,
      absl::FunctionRef<bool(absl::string_view key)> on_key) = 0;
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_KEY_VALUE_STORE_H_
