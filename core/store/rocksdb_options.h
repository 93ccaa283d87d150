// The column families of the database and the tuning options.
#ifndef PORTRAIT_CORE_STORE_ROCKSDB_OPTIONS_H_
#define PORTRAIT_CORE_STORE_ROCKSDB_OPTIONS_H_

#include <cstddef>
#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"

namespace portrait {

enum class Family {
  kContacts,    // canonical JID → ContactRecord
  kChanges,     // sequence → ProfilePictureChange
  kHistory,     // JID, descending sequence → ProfilePictureChange
  kLids,        // JID → the same person's other JID
  kSessions,    // a KeyValueStore
  kAccess,      // a KeyValueStore
  kSuppressed,  // keyed hash of JID → nothing
  kMeta,        // schema version, sequence high-water mark, suppression key
  kImages,      // an OrderedKeyValueStore of core/image
};
inline constexpr size_t kFamilies = 9;

const char* FamilyName(Family family);

rocksdb::DBOptions MakeDbOptions(rocksdb::Env* env);
rocksdb::ColumnFamilyOptions MakeFamilyOptions(
    Family family, const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_ROCKSDB_OPTIONS_H_
