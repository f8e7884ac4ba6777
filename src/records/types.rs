use crate::words;

words! {
    /// 記録の部：targets（目標・見込・計画）、results（実績・取組状況）
    pub enum Part {
        Targets = "targets",
        Results = "results",
    }
}
