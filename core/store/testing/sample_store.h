// The small store that stands for those in use: one contact of every kind, what
// it changed, and what lies beside the contacts. One written by each earlier
// version is kept in tests/data, for this version to open.
#ifndef PORTRAIT_CORE_STORE_TESTING_SAMPLE_STORE_H_
#define PORTRAIT_CORE_STORE_TESTING_SAMPLE_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/store/picture_store.h"

namespace portrait {

// Of the sample's contacts.
inline constexpr char kSampleAda[] = "13105551234@s.whatsapp.net";
inline constexpr char kSampleAdaLid[] = "100875997589545@lid";
inline constexpr char kSampleBob[] = "4915112345678@s.whatsapp.net";
inline constexpr char kSampleAbsent[] = "4915112345679@s.whatsapp.net";
inline constexpr char kSampleNameless[] = "200875997589545@lid";
// Its picture was never checked: it has a name and no check time.
inline constexpr char kSampleNamed[] = "34600123456@s.whatsapp.net";
inline constexpr char kSampleGroup[] = "120363041234567890@g.us";
inline constexpr char kSampleForgotten[] = "390212345678@s.whatsapp.net";
inline constexpr char kSampleObjected[] = "390212345679@s.whatsapp.net";

// Stores it in what is empty.
absl::Status WriteSample(Stores& stores);

// What is stored, by the public interface alone, a line each: to be compared
// with that of another store.
absl::StatusOr<std::string> DescribeSample(Stores& stores);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_SAMPLE_STORE_H_
