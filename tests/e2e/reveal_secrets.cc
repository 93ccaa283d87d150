// Prints every secret in the data folder of a stopped portraitd, in
// hexadecimal, one per line. A test checks that no log contains them.
//
//   reveal_secrets DATA_DIR
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/session/session_keys.h"
#include "core/store/picture_store.h"
#include "core/store/rocksdb_database.h"
#include "google/protobuf/message.h"
#include "portrait/store/v1/account.pb.h"
#include "whatsapp/device.pb.h"

namespace portrait {
namespace {

// Shorter values are not keys.
constexpr size_t kMinSecretBytes = 16;

void Print(const std::string& secret) {
  if (secret.size() < kMinSecretBytes) return;
  std::printf("%s\n", absl::BytesToHexString(secret).c_str());
}

// Prints all fields of type bytes: keys, signatures, tokens.
void PrintBytesOf(const google::protobuf::Message& message) {
  using google::protobuf::FieldDescriptor;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_message =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const int count =
        field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (is_message) {
        PrintBytesOf(field->is_repeated()
                         ? reflection.GetRepeatedMessage(message, field, i)
                         : reflection.GetMessage(message, field));
      } else if (field->type() == FieldDescriptor::TYPE_BYTES) {
        Print(field->is_repeated()
                  ? reflection.GetRepeatedString(message, field, i)
                  : reflection.GetString(message, field));
      }
    }
  }
}

absl::Status Reveal(const std::string& folder) {
  ASSIGN_OR_RETURN(const SealKeys keys,
                   ReadKeyFile(absl::StrCat(folder, "/portrait.key")));
  Print(std::string(keys.current.view()));
  const std::string store = absl::StrCat(folder, "/db");
  {
    ASSIGN_OR_RETURN(const Stores stores,
                     OpenRocksDbStores(store, RocksDbOptions()));
    ASSIGN_OR_RETURN(const auto sessions, stores.sessions->List(""));
    for (const auto& [name, record] : sessions) {
      Print(record);
      ASSIGN_OR_RETURN(const Secret opened, OpenSealed(keys, name, record));
      store::v1::StoredAccount account;
      whatsapp::proto::StoredDevice device;
      if (!account.ParseFromString(std::string(opened.view())) ||
          !device.ParseFromString(account.device())) {
        return absl::DataLossError(absl::StrCat(name, " is not an account"));
      }
      PrintBytesOf(device);
    }
    ASSIGN_OR_RETURN(const auto access, stores.access->List(""));
    for (const auto& [key, value] : access) {
      if (absl::StartsWith(key, "audit/")) Print(value);
    }
  }
  ASSIGN_OR_RETURN(
      const auto database,
      RocksDbDatabase::Open(store, RocksDbOptions(), rocksdb::Env::Default()));
  ASSIGN_OR_RETURN(const auto key,
                   database->Read(Family::kMeta, kSuppressionKeyKey));
  Print(key.value_or(""));
  return absl::OkStatus();
}

}  // namespace
}  // namespace portrait

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DATA_DIR\n", argv[0]);
    return 2;
  }
  const absl::Status status = portrait::Reveal(argv[1]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
