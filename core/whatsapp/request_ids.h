// Ids for the stanzas that we send.
#ifndef PORTRAIT_CORE_WHATSAPP_REQUEST_IDS_H_
#define PORTRAIT_CORE_WHATSAPP_REQUEST_IDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/random.h"

namespace portrait::whatsapp {

// "4823.1177-1", "4823.1177-2", …: a random prefix and a counter, as in
// Baileys; in packed form, a character takes half a byte. Thread-compatible.
class RequestIds {
 public:
  RequestIds()
      : prefix_(absl::StrCat(RandomBelow(1 << 16), ".", RandomBelow(1 << 16),
                             "-")) {}

  std::string Next() { return absl::StrCat(prefix_, ++counter_); }

 private:
  const std::string prefix_;
  uint64_t counter_ = 0;
};

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_REQUEST_IDS_H_
