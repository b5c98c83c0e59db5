//! Which passwords are taken: long enough, nothing of one's own, and none that whoever guesses tries early. How many guesses
//! one withstands is told by `zxcvbn`: the most used passwords, words, keyboards, dates, and what people make of them.
//! It knows nothing of people who write Chinese; their habits are given to it here.

use std::sync::LazyLock;

use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::zxcvbn;

use super::input::Checked;

/// Guesses; eight characters without any sense withstand as many.
const ENOUGH: u64 = 100_000_000;
const LONGEST: usize = 128;
/// What stands behind makes a password only better, and looking at it takes time.
const LOOKED_AT: usize = 64;
/// The end of a number that people know by heart.
const TAIL: usize = 8;

/// What is written in front of a number or behind it.
const WORDS: &str = "woaini aini woai woaiwo woaita wodeai woxiangni xiangni xihuanni baobei baobao qinaide laopo laogong \
    mama baba woaimama woaibaba jiayou xingfu kuaile pingan facai gongxi nihao wohao mima wodemima denglu zhanghao \
    buzhidao wangji woshishui woshi laozi shabi caonima nima zhongguo beijing shanghai wuhan guangzhou shenzhen \
    haerbin xuchang tianxia diyi meiyou asdf qwer qwe asd zxc abc aa qq wx woaizhongguo";
/// Words of sites like this one.
const SITE: &str =
    "tongban zhengwu zwfw banshi shimin gongmin yonghu guanliyuan admin root user test ceshi demo";
/// Numbers that sound like words, lucky ones, and those that lie well under the fingers.
const NUMBERS: &str = "520 1314 5201314 1314520 521 5211314 52013 201314 1314521 7758521 7758258 5845201314 3344520 530 \
    920 147258 147258369 789456123 159357 123 1234 12345 123456 12345678 123321 112233 123123 321 666 888 999 168 \
    518 688 886 668 6666 8888 9999 110 119 120 10086 10010 000 111 007 2008 01 1 11 00 88";
/// Ordered by how many have them.
const FAMILY_NAMES: &str = "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang \
    xie song tang deng han feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren yao \
    shen zhong cui tan fan";
const GIVEN_NAMES: &str = "wei fang na min jing li qiang lei jun yang yong yan jie juan tao ming chao xiu xia ping gang \
    hui bo bin peng fei hao yu xin ting ling hong lan mei yun ying jian hua liang kai long xiaoming xiaohong jianguo \
    jianhua haiyan lili nana weiwei dandan jingjing tingting feifei junjie zihan haoran xiaoli lihua guoqiang";

/// From the most to the least used.
static HABITS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = [WORDS, SITE, NUMBERS].map(str::split_whitespace);
    let mut habits: Vec<String> = all.into_iter().flatten().map(str::to_owned).collect();
    for family in FAMILY_NAMES.split_whitespace() {
        habits.push(family.to_owned());
        let whole = GIVEN_NAMES.split_whitespace();
        habits.extend(whole.map(|given| format!("{family}{given}")));
    }
    habits
});

/// Ten characters, or eight with letters and digits. `own` is what is known of the person: login name, numbers.
pub(crate) fn check_password(password: &str, own: &[&str]) -> Checked<()> {
    let length = password.chars().count();
    let letters = password.chars().any(char::is_alphabetic);
    let digits = password.chars().any(|c| c.is_ascii_digit());
    if length > LONGEST {
        return Err(format!("密码最长 {LONGEST} 位，请改短一些"));
    }
    if length < 10 && !(length >= 8 && letters && digits) {
        return Err("密码至少 10 位；同时含有字母和数字的，至少 8 位".into());
    }
    let lower = password.to_lowercase();
    let own: Vec<&str> = own
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    if own.iter().any(|word| lower.contains(tail(word))) {
        return Err("密码里不要有自己的登录名或者手机号，请换一个".into());
    }
    let front: String = password.chars().take(LOOKED_AT).collect();
    let habits = HABITS.iter().map(String::as_str);
    let known: Vec<&str> = own.into_iter().chain(habits).collect();
    let found = zxcvbn(&front, &known);
    if found.guesses() >= ENOUGH {
        return Ok(());
    }
    let longest = found.sequence().iter().max_by_key(|part| part.j - part.i);
    let why = longest.map_or("", |part| made_of(&part.pattern));
    Err(format!(
        "这个密码容易被猜到{why}，请换一个，例如连写几个互不相干的词"
    ))
}

/// Of a long number its end.
fn tail(word: &str) -> &str {
    let is_number = word.bytes().all(|b| b.is_ascii_digit());
    match word.len().checked_sub(TAIL).filter(|_| is_number) {
        Some(front) => &word[front..],
        None => word,
    }
}

fn made_of(pattern: &MatchPattern) -> &'static str {
    match pattern {
        MatchPattern::Dictionary(_) => "：里面是很多人都用的词、名字或者数字",
        MatchPattern::Spatial(_) => "：里面是键盘上相邻的键",
        MatchPattern::Repeat(_) => "：里面是重复的内容",
        MatchPattern::Sequence(_) => "：里面是连续的字母或者数字",
        MatchPattern::Date(_) | MatchPattern::Regex(_) => "：里面是日期或者年份",
        MatchPattern::BruteForce => "：太短",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 2] = ["lixia", "13800005678"];

    fn refusal(password: &str) -> String {
        check_password(password, &OWN).err().unwrap_or_default()
    }

    #[test]
    fn a_password_must_be_long_or_mixed() {
        for short in ["huanghes", "Kx7mQ2v", "春眠不觉晓处处闻啼"] {
            assert!(refusal(short).contains("至少"), "{short}");
        }
        assert!(refusal(&"长".repeat(200)).contains("最长"));
    }

    #[test]
    fn what_people_remember_and_nobody_guesses_is_taken() {
        for good in [
            "春眠不觉晓处处闻啼鸟",
            "Kx7mQ2vb",
            "lan-hai-tie-guo-74",
            "correct horse battery staple",
            "mujiang kanshan yu 42",
            "西瓜电梯袜子蓝色9",
            "Vorgang-77",
        ] {
            assert_eq!(refusal(good), "", "{good}");
        }
    }

    #[test]
    fn what_is_tried_first_is_refused_and_said_why() {
        for (weak, why) in [
            ("abcdefgh1", "连续"),
            ("password12", "很多人都用"),
            ("qwerty12", ""),
            ("Aa123456", "很多人都用"),
            ("abc123456", "很多人都用"),
            ("woaini520", "很多人都用"),
            ("iloveyou1", "很多人都用"),
            ("5201314520", "很多人都用"),
            ("P@ssw0rd123", ""),
            ("zhangwei1988", ""),
            ("wangxiaoming123", ""),
            ("1qaz2wsx3edc", ""),
            ("1990-01-01ab", ""),
            ("aaaaaaaaaaaa", "重复"),
            ("12345678901", ""),
            ("tongban2026", ""),
            ("Demo-2026", ""),
            ("qq5201314", ""),
        ] {
            let told = refusal(weak);
            assert!(told.starts_with("这个密码容易被猜到"), "{weak}: {told}");
            assert!(told.contains(why), "{weak}: {told}");
        }
    }

    /// Of some six thousand every seventeenth, so that each word and each number has its turns.
    #[test]
    fn words_and_numbers_that_people_put_together_are_refused_in_either_order() {
        let words = WORDS.split_whitespace().chain(SITE.split_whitespace());
        let pairs =
            words.flat_map(|word| NUMBERS.split_whitespace().map(move |number| (word, number)));
        for (word, number) in pairs.step_by(17) {
            for weak in [format!("{word}{number}"), format!("{number}{word}")] {
                assert_ne!(refusal(&weak), "", "{weak}");
            }
        }
    }

    #[test]
    fn nothing_of_ones_own_stands_in_a_password() {
        for own in ["LiXia-rides-77", "mu-13800005678", "Kx7m00005678"] {
            assert!(refusal(own).contains("自己的"), "{own}");
        }
        assert_eq!(check_password("LiXia-rides-77", &["", ""]), Ok(()));
    }
}
