//! A rule of a formula is an enum, each variant with its text.

use std::fmt;

/// One step of a formula, which implementations do in different ways.
pub trait Rule: Copy + Eq + fmt::Debug + 'static {
    /// The name of the step.
    const NAME: &'static str;

    /// Every way, the contract's first.
    const ALL: &'static [Self];

    /// Returns the words for this way: the predicate of a sentence about a kernel.
    fn text(self) -> &'static str;
}

/// Declares enums that implement [`Rule`]. The first variant is the contract's.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $name:literal {
        $($(#[$of:meta])* $variant:ident = $text:literal,)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $rule {
            $($(#[$of])* #[doc = $text] $variant,)+
        }

        impl $crate::rule::Rule for $rule {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    )+};
}

/// Declares a structure of rules, which implements [`Contract`](crate::Contract) but for its formula.
macro_rules! contract {
    ($(#[$doc:meta])* $contract:ident { $($field:ident: $rule:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
        pub struct $contract {
            $(#[doc = concat!("The rule for `", stringify!($field), "`.")] pub $field: $rule,)+
        }

        impl $contract {
            /// The contract of zeropoint: the first way of every rule.
            pub const REFERENCE: Self = Self {
                $($field: <$rule as $crate::rule::Rule>::ALL[0],)+
            };
        }

        impl $crate::contract::Rules for $contract {
            const REFERENCE: Self = Self::REFERENCE;

            fn with_one_rule_changed(self) -> Vec<Self> {
                let mut changed = Vec::new();
                $(
                    for &rule in <$rule as $crate::rule::Rule>::ALL {
                        if rule != self.$field {
                            changed.push(Self { $field: rule, ..self });
                        }
                    }
                )+
                changed
            }

            fn all() -> Vec<Self> {
                let mut all = vec![Self::REFERENCE];
                $(
                    all = <$rule as $crate::rule::Rule>::ALL
                        .iter()
                        .flat_map(|&rule| all.iter().map(move |c| Self { $field: rule, ..*c }))
                        .collect();
                )+
                all
            }

            fn rules(self) -> Vec<$crate::contract::Named> {
                use $crate::rule::Rule;
                vec![$($crate::contract::Named {
                    rule: <$rule>::NAME,
                    text: self.$field.text(),
                    is_reference: self.$field == <$rule>::ALL[0],
                },)+]
            }
        }
    };
}

pub(crate) use {contract, rules};
