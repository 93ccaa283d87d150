// TwoSpellings joins what is stored of a number under both of its spellings.
#ifndef PORTRAIT_CORE_LOOKUP_TWO_SPELLINGS_H_
#define PORTRAIT_CORE_LOOKUP_TWO_SPELLINGS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/store/picture_store.h"
#include "core/whatsapp/jid.h"

namespace portrait {

// Of a batch of contacts that is read from the store: the keys of their other
// spellings stand behind those of the contacts themselves. Thread-compatible.
class TwoSpellings {
 public:
  // A record that was checked after `now` is not newer for that.
  explicit TwoSpellings(size_t contacts,
                        absl::Time now = absl::InfiniteFuture())
      : contacts_(contacts), now_(now) {}

  // The contact at `index` may be stored under `other`, too.
  void Add(size_t index, const whatsapp::Jid& other);
  void AppendKeysTo(std::vector<absl::string_view>* keys) const;

  // Hears what is stored under a key; calls `on_contact` once for each contact,
  // with what counts: that it objected, the spelling that is registered, or
  // that which was asked about last.
  void Hear(size_t key, const StoredView& stored,
            PictureStore::OnStored on_contact);

 private:
  struct Pair {
    size_t index = 0;
    std::string other;
    bool half_heard = false;
    // What was heard of the first half; a view lasts no longer than the call.
    absl::Status status;
    bool has_record = false;
    bool suppressed = false;
    std::string record;
  };

  const size_t contacts_;
  const absl::Time now_;
  std::vector<Pair> pairs_;
  absl::flat_hash_map<size_t, size_t> pair_of_;  // by index of the contact
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_LOOKUP_TWO_SPELLINGS_H_
