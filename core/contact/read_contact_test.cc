// Tests which spellings are accepted and which are refused. A wrong guess would
// look up or erase another person.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/contact/contact.h"
#include "core/contact/number_plan.h"
#include "core/contact/refusal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "phonenumbers/phonenumber.pb.h"
#include "phonenumbers/phonenumberutil.h"

namespace portrait {
namespace {

using ::i18n::phonenumbers::PhoneNumber;
using ::i18n::phonenumbers::PhoneNumberUtil;
using ::testing::IsEmpty;

TEST(ReadContactTest, ReportsTheRemovedText) {
  const struct {
    const char* text;
    const char* removed;
  } kCases[] = {
      {"'+4915112345678", "quotation marks"},
      {"=\"+4915112345678\"", "a spreadsheet's '='"},
      {"\u202A+49 1511 2345678\u202C", "invisible marks"},
      {"whatsapp:+4915112345678", "the label 'whatsapp'"},
      {"Tel. +49 151 12345678", "the label 'Tel'"},
      {"p:+4915112345678", "the label 'p'"},
      {"https://wa.me/4915112345678?text=hi", "the link around the number"},
      {"4915112345678.0", "a spreadsheet's '.0'"},
      {"+49 (0)151 12345678", "the trunk prefix after the country code"},
      {"+49 151 12345678,", "the punctuation at the end"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::StatusOr<ContactReading> reading = ReadContact(c.text);
    ASSERT_TRUE(reading.ok()) << reading.status();
    EXPECT_EQ(reading->contact.phone_number, "+4915112345678");
    EXPECT_THAT(reading->removed, ::testing::Contains(c.removed));
  }
  EXPECT_THAT(ReadContact("+4915112345678")->removed, IsEmpty());
  EXPECT_THAT(ReadContact("+49\u00A0151\u201112345678")->removed, IsEmpty());
}

TEST(ReadContactTest, ADefaultCountryCompletesNationalNumbersOnly) {
  const struct {
    const char *text, *country, *phone_number;
  } kCases[] = {
      {"0151 12345678", "DE", "+4915112345678"},
      {"015112345678.0", "de", "+4915112345678"},
      {"15112345678", "DE", "+4915112345678"},
      {"0049 151 12345678", "DE", "+4915112345678"},
      {"+1 310 555 1234", "DE", "+13105551234"},
      {"4915112345678", "US", "+4915112345678"},
      {"(310) 555-1234", "US", "+13105551234"},
      {"٠١٥١١٢٣٤٥٦٧٨", "DE", "+4915112345678"},
      {"0712 989702", "KE", "+254712989702"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::StatusOr<ContactReading> reading =
        ReadContact(c.text, c.country);
    ASSERT_TRUE(reading.ok()) << reading.status();
    EXPECT_EQ(reading->contact.phone_number, c.phone_number);
  }
  EXPECT_EQ(RefusalOf(ReadContact("555-1234", "US").status()),
            Refusal::kTooShort);
}

TEST(ReadContactTest, TheParametersOfATelUriAreRefusedBeforeTheLibrary) {
  const std::string costly = "tel:" + std::string(200, '1') +
                             ";phone-context=+" + std::string(200, '2') +
                             ";isub=" + std::string(200, '3') + ";ext=1";
  EXPECT_EQ(RefusalOf(ReadContact(costly).status()), Refusal::kTelParameters);
}

TEST(ReadContactTest, AJidIsNotComparedWithNumberPlans) {
  for (const char* text :
       {"2290112345678@s.whatsapp.net", "22912345678@s.whatsapp.net",
        "22507123456@s.whatsapp.net", "99912345678@s.whatsapp.net"}) {
    EXPECT_TRUE(ReadContact(text).ok()) << text;
  }
}

TEST(ReadContactTest, ACountrysNewPlanIsReadUntilTheLibraryKnowsIt) {
  EXPECT_EQ(ReadContact("+229 01 90 12 34 56")->contact.phone_number,
            "+2290190123456");
  for (const NumberPlan::Change& change : NumberPlan::Changes()) {
    std::string digits = std::string(change.prefix);
    digits.resize(change.national_digits, '9');
    PhoneNumber number;
    const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
    const bool library_knows =
        util.Parse("+" + std::to_string(change.country_code) + digits, "ZZ",
                   &number) == PhoneNumberUtil::NO_PARSING_ERROR &&
        util.IsPossibleNumber(number);
    EXPECT_FALSE(library_knows)
        << "libphonenumber has caught up with +" << change.country_code
        << ": remove the country from kChanges in number_plan.cc";
  }
}

}  // namespace
}  // namespace portrait
