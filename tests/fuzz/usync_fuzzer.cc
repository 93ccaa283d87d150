// Fuzzes the answer to a usync query, as a decrypted frame.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/whatsapp/node_codec.h"
#include "core/whatsapp/queries.h"
#include "tests/fuzz/expect.h"

namespace portrait::fuzz {
namespace {

using whatsapp::Jid;
using whatsapp::UsyncAnswer;
using whatsapp::UsyncUser;

// The contacts that make_corpora.py uses.
const std::vector<Jid>& Asked(bool by_lid) {
  static const auto& numbers =
      *new std::vector<Jid>{whatsapp::PhoneNumberJid("13105551234"),
                            whatsapp::PhoneNumberJid("491711234567"),
                            whatsapp::PhoneNumberJid("13105551234"),
                            whatsapp::PhoneNumberJid("5511987654321")};
  static const auto& lids =
      *new std::vector<Jid>{{"99887766554433", whatsapp::kLidServer},
                            {"100875997589545", whatsapp::kLidServer}};
  return by_lid ? lids : numbers;
}

void ExpectAnswer(const UsyncAnswer& answer, const std::vector<Jid>& asked) {
  Expect(answer.users.size() == asked.size(), "each contact is answered");
  for (size_t i = 0; i < asked.size(); ++i) {
    const UsyncUser& user = answer.users[i];
    Expect(user.asked == asked[i], "in the order asked");
    Expect(user.pn.user.empty() || user.pn.IsPhoneNumber(), "a PN is one");
    Expect(user.lid.user.empty() || user.lid.IsLid(), "a LID is one");
    for (const auto& error :
         {user.registered.error, user.business.error, user.picture_id.error}) {
      if (error.has_value()) ExpectPresentable(StatusOf(*error));
    }
  }
}

void Run(absl::string_view plaintext) {
  const auto node = whatsapp::DecodeNode(plaintext);
  if (!node.ok()) return;
  for (const bool by_lid : {false, true}) {
    const std::vector<Jid>& asked = Asked(by_lid);
    const auto answer = whatsapp::ParseUsyncAnswer(*node, asked);
    if (!answer.ok()) {
      ExpectPresentable(answer.status());
    } else {
      ExpectAnswer(*answer, asked);
    }
  }
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
