// Fuzzes the callers' texts: contacts as written, and their tokens.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "core/access/token.h"
#include "core/contact/contact.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/expect_digits.h"

namespace portrait::fuzz {
namespace {

void ExpectContact(const Contact& contact) {
  const whatsapp::Jid& jid = contact.jid;
  Expect(!jid.user.empty() && jid.WithoutDevice() == jid,
         "a contact is an account");
  Expect(jid.IsPhoneNumber() == (contact.kind == ContactKind::kPhoneNumber),
         "its kind is that of its JID");
  Expect(contact.phone_number == (jid.IsPhoneNumber() ? "+" + jid.user : ""),
         "the number is that of the JID");
  const absl::StatusOr<Contact> again = ParseContact(jid.ToString());
  Expect(again.ok() && again->jid == jid, "its text reads to the same");
}

void Run(absl::string_view text) {
  const absl::StatusOr<Contact> contact = ParseContact(text);
  if (contact.ok()) {
    ExpectContact(*contact);
    Expect(HasDigitsInOrder(text, contact->jid.user),
           "each digit asked about is in the text, in order");
  } else {
    ExpectPresentable(contact.status());
  }
  for (const absl::string_view country : {"DE", "US", "IT", "CI"}) {
    const absl::StatusOr<ContactReading> national = ReadContact(text, country);
    if (!national.ok()) continue;
    ExpectContact(national->contact);
    Expect(HasDigitsInOrder(text, national->contact.jid.user) ||
               HasNationalDigitsInOrder(text, national->contact.jid.user),
           "each digit but the country code's is in the text, in order");
  }
  const absl::StatusOr<absl::string_view> token = ParseBearer(text);
  if (!token.ok()) ExpectPresentable(token.status());
}

}  // namespace
}  // namespace portrait::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  portrait::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
