// A small sample store: one contact of every kind, their changes, and all other
// stored data. A sample written by each earlier version is kept in tests/data,
// to test that this version opens it.
#ifndef PORTRAIT_CORE_STORE_TESTING_SAMPLE_STORE_H_
#define PORTRAIT_CORE_STORE_TESTING_SAMPLE_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/store/picture_store.h"

namespace portrait {

// The sample's contacts.
inline constexpr char kSampleAda[] = "13105551234@s.whatsapp.net";
inline constexpr char kSampleAdaLid[] = "100875997589545@lid";
inline constexpr char kSampleBob[] = "4915112345678@s.whatsapp.net";
inline constexpr char kSampleAbsent[] = "4915112345679@s.whatsapp.net";
inline constexpr char kSampleNameless[] = "200875997589545@lid";
// A contact whose picture was never checked: it has a name and no check time.
inline constexpr char kSampleNamed[] = "34600123456@s.whatsapp.net";
inline constexpr char kSampleGroup[] = "120363041234567890@g.us";
inline constexpr char kSampleForgotten[] = "390212345678@s.whatsapp.net";
inline constexpr char kSampleObjected[] = "390212345679@s.whatsapp.net";

// Writes the sample to empty stores.
absl::Status WriteSample(Stores& stores);

// Describes all stored data, read through the public interface, one line each,
// to compare it with that of another store.
absl::StatusOr<std::string> DescribeSample(Stores& stores);

}  // namespace portrait

#endif  // PORTRAIT_CORE_STORE_TESTING_SAMPLE_STORE_H_
