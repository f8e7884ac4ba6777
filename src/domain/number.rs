//! The number of the API: at most 15 significant digits, 6 of them decimals, below 10^12, so that every client reads
//! back what it sent, whatever it counts with: a decimal of 15 digits survives the way through an f64.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;

const SIGNIFICANT_DIGITS: usize = 15;
const DECIMALS: i64 = 6;
const INTEGER_DIGITS: i64 = 12;

/// Without trailing zeros and without a negative zero, so that equal numbers are written alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(Decimal);

/// Why a number is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    NotANumber,
    Digits,
    Decimals,
    Range,
}

impl NumberError {
    pub const ALL: [Self; 4] = [Self::NotANumber, Self::Digits, Self::Decimals, Self::Range];

    pub const fn ja(self) -> &'static str {
        match self {
            Self::NotANumber => "引用符を付けない数値（例：12.5）で書いてください",
            Self::Digits => "有効数字は15桁までです。丸めて送ってください",
            Self::Decimals => "小数は6桁までです。丸めて送ってください",
            Self::Range => "絶対値が1兆（10の12乗）以上の数値は扱えません。単位を千円・百万円などに変えてください",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::NotANumber => "write a number without quotes, such as 12.5",
            Self::Digits => "at most 15 significant digits; round it",
            Self::Decimals => "at most 6 decimals; round it",
            Self::Range => "numbers of 10^12 and more are not taken; use a larger unit, such as thousands",
        }
    }
}

/// Both languages: the parser carries one text only.
impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}／{}", self.ja(), self.en())
    }
}

impl std::error::Error for NumberError {}

impl Number {
    /// Reads a number as JSON writes it: `-12.50`, `1e3`.
    pub fn parse(given: &str) -> Result<Self, NumberError> {
        // What most are: a short integer.
        if given.len() <= INTEGER_DIGITS as usize
            && !given.starts_with('0')
            && given.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(integer) = given.parse::<i64>()
        {
            return Ok(Self(Decimal::from(integer)));
        }
        let (negative, unsigned) = given.strip_prefix('-').map_or((false, given), |rest| (true, rest));
        let (coefficient, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, "0"));
        let exponent_digits = exponent.trim_start_matches(['+', '-']);
        let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if ![whole, fraction, exponent_digits].into_iter().all(all_digits)
            || exponent.len() - exponent_digits.len() > 1
            || (whole.len() > 1 && whole.starts_with('0'))
        {
            return Err(NumberError::NotANumber);
        }
        let written = format!("{whole}{fraction}");
        let digits = written.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Ok(Self(Decimal::ZERO));
        }
        // The value is `significant` × 10^`power`. An exponent beyond i64 is far outside either way.
        let far = if exponent.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX / 4);
        let power = exponent.parse().unwrap_or(far).clamp(i64::MIN / 2, i64::MAX / 2) - length(fraction)
            + length(digits)
            - length(significant);
        if length(significant).saturating_add(power) > INTEGER_DIGITS {
            return Err(NumberError::Range);
        }
        if significant.len() > SIGNIFICANT_DIGITS {
            return Err(NumberError::Digits);
        }
        if power < -DECIMALS {
            return Err(NumberError::Decimals);
        }
        let unsigned: i64 = significant.parse().map_err(|_| NumberError::Digits)?;
        let zeros = u32::try_from(power.max(0)).map_err(|_| NumberError::Range)?;
        let scale = u32::try_from((-power).max(0)).map_err(|_| NumberError::Decimals)?;
        let unscaled = unsigned * 10_i64.pow(zeros) * if negative { -1 } else { 1 };
        Ok(Self(Decimal::new(unscaled, scale)))
    }

    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl TryFrom<Decimal> for Number {
    type Error = NumberError;

    fn try_from(decimal: Decimal) -> Result<Self, NumberError> {
        // Without a negative zero
        let number = decimal.normalize();
        let digits = |number: &Decimal| number.mantissa().unsigned_abs();
        if digits(&number.trunc()) >= 10_u128.pow(INTEGER_DIGITS as u32) {
            Err(NumberError::Range)
        } else if digits(&number) >= 10_u128.pow(SIGNIFICANT_DIGITS as u32) {
            Err(NumberError::Digits)
        } else if i64::from(number.scale()) > DECIMALS {
            Err(NumberError::Decimals)
        } else {
            Ok(Self(number))
        }
    }
}

impl From<i32> for Number {
    fn from(integer: i32) -> Self {
        Self(Decimal::from(integer))
    }
}

/// As a decimal, never with an exponent.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (i64::try_from(self.0.mantissa()), self.0.scale()) {
            (Ok(integer), 0) => serializer.serialize_i64(integer),
            // Both are exact in an f64, so their quotient is the f64 nearest to the decimal, and the shortest text
            // that names it is the decimal itself.
            (Ok(unscaled), scale) => serializer.serialize_f64(unscaled as f64 / 10_f64.powi(scale as i32)),
            (Err(error), _) => Err(serde::ser::Error::custom(error)),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    /// From the text as sent: an f64 would have lost the digits that are to be refused.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sent = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(sent.get()).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Result<Number, String> {
        serde_json::from_str::<Number>(json).map_err(|error| error.to_string())
    }

    #[test]
    fn numbers_are_stored_normalised() {
        for (given, stored) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.000e9", "0"),
            ("0e99999999999999999999", "0"),
            ("95.70", "95.7"),
            ("-12.50", "-12.5"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("12.5e-1", "1.25"),
            ("100", "100"),
            ("1000000e-9", "0.001"),
            ("0.000001", "0.000001"),
            ("0.1000000000000000000", "0.1"),
            ("999999999999", "999999999999"),
            ("123456789012.345", "123456789012.345"),
            ("-123456789.012345", "-123456789.012345"),
            ("99999999999.9e1", "999999999999"),
        ] {
            let number = read(given).unwrap_or_else(|error| panic!("{given}: {error}"));
            assert_eq!(number.to_string(), stored, "{given}");
        }
        assert_eq!(serde_json::to_string(&read("95.70").unwrap()).unwrap(), "95.7");
        assert_eq!(serde_json::to_string(&read("1e3").unwrap()).unwrap(), "1000");
    }

    #[test]
    fn what_no_client_could_read_back_is_refused() {
        use NumberError::{Decimals, Digits, NotANumber, Range};
        for (given, why) in [
            ("1234567890.123456", Digits),
            ("0.1234567", Decimals),
            ("1e-7", Decimals),
            ("1e-99999999999999999999", Decimals),
            ("1e-9223372036854775808", Decimals),
            ("1e12", Range),
            ("-1000000000000", Range),
            ("999999999999.9999", Digits),
            ("1e999", Range),
            ("1e99999999999999999999", Range),
            ("1e9223372036854775807", Range),
            ("12345678901234567890", Range),
            ("\"12\"", NotANumber),
            ("true", NotANumber),
            ("null", NotANumber),
            ("[1]", NotANumber),
            ("{\"a\":1}", NotANumber),
        ] {
            let error = read(given).unwrap_err();
            assert!(error.starts_with(&why.to_string()), "{given}: {error}");
        }
        for given in ["NaN", "Infinity", "1.", ".5", "01", "+1", "１", "0x1", "1e", ""] {
            assert!(read(given).is_err(), "{given}");
            assert_eq!(Number::parse(given), Err(NotANumber), "{given}");
        }
        for given in ["-", "--1", "1e+-1", "1e5.0", "-01", "1_000", "1,000", " 1"] {
            assert_eq!(Number::parse(given), Err(NotANumber), "{given}");
        }
    }

    #[test]
    fn inside_a_body_the_error_names_its_place() {
        #[derive(Debug, Deserialize)]
        struct Body {
            #[expect(dead_code, reason = "only read")]
            bounds: Vec<Option<Number>>,
        }
        let json = r#"{"bounds": [null, 1, 0.1234567]}"#;
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let error = serde_path_to_error::deserialize::<_, Body>(&mut deserializer).unwrap_err();
        assert_eq!(error.path().to_string(), "bounds[2]");
        assert!(error.inner().to_string().starts_with(&NumberError::Decimals.to_string()), "{error}");
        assert!(error.inner().is_data());
    }

    #[test]
    fn a_decimal_becomes_a_number_if_it_fits() {
        assert_eq!(Number::try_from(Decimal::new(95_700_000, 6)), Number::parse("95.7"));
        assert_eq!(Number::try_from(Decimal::new(1, 7)), Err(NumberError::Decimals));
        assert_eq!(Number::from(-5).decimal(), Decimal::from(-5));
    }

    /// Every number there is: an integer of at most 15 digits with at most 6 of them behind the point.
    fn numbers() -> impl Strategy<Value = (i64, u32)> {
        (-999_999_999_999_999_i64..=999_999_999_999_999, 0_u32..=6, 0_u32..=15).prop_map(|(unscaled, scale, fewer)| {
            let unscaled = unscaled / 10_i64.pow(fewer);
            (unscaled % 10_i64.pow((12 + scale).min(15)), scale)
        })
    }

    proptest! {
        #[test]
        fn every_number_comes_back_as_it_was_sent((unscaled, scale) in numbers()) {
            let sent = Decimal::new(unscaled, scale).to_string();
            let number = read(&sent).unwrap();
            prop_assert_eq!(number.decimal(), Decimal::new(unscaled, scale));
            let answered = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(read(&answered).unwrap(), number);
            let value = serde_json::to_value(number).unwrap();
            prop_assert_eq!(serde_json::from_value::<Number>(value).unwrap(), number);
        }

        #[test]
        fn a_client_that_counts_with_floats_sends_back_the_same((unscaled, scale) in numbers()) {
            let number = Number::try_from(Decimal::new(unscaled, scale)).unwrap();
            let answered = serde_json::to_string(&number).unwrap();
            let float: f64 = answered.parse().unwrap();
            prop_assert_eq!(read(&serde_json::to_string(&float).unwrap()).unwrap(), number);
            let text: f64 = number.to_string().parse().unwrap();
            prop_assert_eq!(text.to_bits(), float.to_bits());
        }

        #[test]
        fn a_decimal_is_taken_as_its_text_is(unscaled in any::<i64>(), shift in 0_u32..19, scale in 0_u32..28) {
            let decimal = Decimal::new(unscaled / 10_i64.pow(shift), scale);
            prop_assert_eq!(Number::try_from(decimal), Number::parse(&decimal.to_string()));
        }

        #[test]
        fn whatever_comes_is_read_or_refused(given in "-?[0-9]{0,20}(\\.[0-9]{0,20})?([eE][+-]?[0-9]{0,22})?|\\PC{0,20}") {
            match Number::parse(&given) {
                Ok(number) => {
                    prop_assert_eq!(Number::parse(&number.to_string()), Ok(number));
                    prop_assert!(number.decimal().scale() <= 6 && number.decimal().mantissa().abs() < 10_i128.pow(15));
                    prop_assert!(serde_json::from_str::<f64>(&given).is_ok());
                }
                Err(error) => prop_assert!(error != NumberError::NotANumber || serde_json::from_str::<f64>(&given).is_err()),
            }
        }
    }
}
