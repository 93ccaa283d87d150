#include "core/base/qr_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portrait {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(QrCodeTest, RefusesATextTooLongForACode) {
  EXPECT_FALSE(QrCode::Make(std::string(10'000, 'x')).ok());
  EXPECT_FALSE(QrCode::Make("").ok());
}

TEST(QrCodeTest, AnSvgHasAUnitForEachModuleAndAQuietZone) {
  const QrCode code = *QrCode::Make("HELLO");
  // Version 1 has 21 modules, of which the first seven are a finder pattern.
  EXPECT_EQ(code.size(), 21);
  const std::string svg = QrCodeSvg(code);
  EXPECT_THAT(svg, StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" "
                              "viewBox=\"0 0 29 29\""));
  EXPECT_THAT(svg, HasSubstr("<path d=\"M4 4h7v1h-7z"));
}

}  // namespace
}  // namespace portrait
