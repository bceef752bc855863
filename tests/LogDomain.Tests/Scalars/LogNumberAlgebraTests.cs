using System.Numerics;
using CsCheck;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

/// <summary>What holds for any numbers. The tolerances are sums of the roundings on both sides.</summary>
public abstract class LogNumberAlgebraTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Of LogMath.LogAddExp and LogSubExp, in ulps of the result.
    private static readonly double SumError = Limits<T>.Scalar;

    private static readonly Gen<T> Log = Gen.Frequency(
        (10, Gen.Double[-5, 5]), (5, Gen.Double[-2000, 2000]), (1, Gen.Const(0.0)), (1, Gen.Const(double.NegativeInfinity))).Select(T.CreateTruncating);

    private static readonly Gen<T> FiniteLog = Log.Where(T.IsFinite);

    private static readonly Gen<LogNumber<T>> Number = Log.Select(LogNumber<T>.FromLog);

    private static readonly Gen<SignedLogNumber<T>> Signed = Gen.Select(Log, Gen.OneOf(Gen.Const(-1), Gen.Const(1))).Select(SignedLogNumber<T>.FromLog);

    private static readonly Gen<SignedLogNumber<T>> AnySigned = Gen.Frequency(
        (10, Signed), (1, Gen.OneOf(
            Gen.Const(SignedLogNumber<T>.PositiveInfinity), Gen.Const(SignedLogNumber<T>.NegativeInfinity), Gen.Const(SignedLogNumber<T>.NaN), Gen.Const(SignedLogNumber<T>.NegativeZero))));

    [Fact]
    public void Sums_and_products_are_commutative_bit_for_bit() => Gen.Select(AnySigned, AnySigned).Sample((a, b) =>
        Same(a + b, b + a) && Same(a * b, b * a) && Same(a - b, -(b - a))
        && Same(SignedLogNumber<T>.Abs(a) + SignedLogNumber<T>.Abs(b), (LogNumber<T>)SignedLogNumber<T>.Abs(a) + (LogNumber<T>)SignedLogNumber<T>.Abs(b)));

    [Fact]
    public void Products_are_associative_but_for_their_four_roundings() => Gen.Select(FiniteLog, FiniteLog, FiniteLog).Sample((x, y, z) =>
    {
        LogNumber<T> a = LogNumber<T>.FromLog(x), b = LogNumber<T>.FromLog(y), c = LogNumber<T>.FromLog(z);
        return Within(4 * 0.5, Size(x) + Size(y) + Size(z), (a * b * c).Log, (a * (b * c)).Log);
    });

    [Fact]
    public void Sums_are_associative_but_for_the_errors_of_four_additions() => Gen.Select(FiniteLog, FiniteLog, FiniteLog).Sample((x, y, z) =>
    {
        // An error of the inner logarithm reaches the outer one times its share of the sum, 1 at most; no logarithm of a partial sum is larger than this.
        LogNumber<T> a = LogNumber<T>.FromLog(x), b = LogNumber<T>.FromLog(y), c = LogNumber<T>.FromLog(z);
        return Within(4 * SumError, Math.Max(Size(x), Math.Max(Size(y), Size(z))) + 2, (a + b + c).Log, (a + (b + c)).Log);
    });

    [Fact]
    public void Products_distribute_over_sums_but_for_their_roundings() => Gen.Select(FiniteLog, FiniteLog, FiniteLog).Sample((x, y, z) =>
    {
        // Left a sum and a product; right two products, each with its share of the sum, and the sum.
        LogNumber<T> a = LogNumber<T>.FromLog(x), b = LogNumber<T>.FromLog(y), c = LogNumber<T>.FromLog(z);
        return Within((2 * SumError) + (2 * 0.5), Size(x) + Math.Max(Size(y), Size(z)) + 1, (a * (b + c)).Log, ((a * b) + (a * c)).Log);
    });

    [Fact]
    public void Zero_and_one_are_identities_and_inverses_lead_to_them() => Signed.Sample(a =>
    {
        SignedLogNumber<T> zero = SignedLogNumber<T>.Zero, one = SignedLogNumber<T>.One;
        bool isSum = Same(a + zero, a) && (a - a) == zero && (a + -a) == zero && Same(a - zero, a) && (a * zero) == zero && Same(zero - a, -a);
        bool isProduct = Same(a * one, a) && Same(a / one, a) && Same(-(-a), a) && Same(SignedLogNumber<T>.Reciprocal(SignedLogNumber<T>.Reciprocal(a)), a);
        bool isInverse = SignedLogNumber<T>.IsZero(a) || ((a / a) == one && (a * SignedLogNumber<T>.Reciprocal(a)) == one && Same(one / a, SignedLogNumber<T>.Reciprocal(a)));
        return isSum && isProduct && isInverse;
    });

    [Fact]
    public void Unsigned_numbers_do_the_same() => Number.Sample(a =>
    {
        LogNumber<T> zero = LogNumber<T>.Zero, one = LogNumber<T>.One;
        bool isSum = Same(a + zero, a) && (a - a) == zero && Same(a - zero, a) && (a * zero) == zero && LogNumber<T>.IsNaN(zero - a) != (a == zero);
        bool isProduct = Same(a * one, a) && Same(a / one, a) && Same(one / a, LogNumber<T>.Reciprocal(a));
        return isSum && isProduct && (a == zero || (a / a) == one);
    });

    [Fact]
    public void A_sum_of_signed_numbers_is_the_exact_one_of_what_they_hold() => Gen.Select(FiniteLog, FiniteLog, Gen.Bool, Gen.Bool).Sample((x, y, isLeftNegative, isRightNegative) =>
    {
        SignedLogNumber<T> a = SignedLogNumber<T>.FromLog(x, isLeftNegative ? -1 : 1), b = SignedLogNumber<T>.FromLog(y, isRightNegative ? -1 : 1);
        (SignedLogNumber<T> large, SignedLogNumber<T> small) = x >= y ? (a, b) : (b, a);
        BigFloat log = isLeftNegative == isRightNegative
            ? ExactLogDomain.LogAddExp<BigFloat>(Wide(large.Log), Wide(small.Log))
            : ExactLogDomain.LogSubExp<BigFloat>(Wide(large.Log), Wide(small.Log));
        WorstError<T> error = new();
        error.See((a + b).Log, log, () => $"{a} + {b}");
        error.AssertWithin(SumError);
        Assert.Equal(log.IsNegativeInfinity ? 0 : SignedLogNumber<T>.Sign(large), SignedLogNumber<T>.Sign(a + b));
    });

    [Fact]
    public void A_root_is_undone_by_a_power_and_a_power_is_a_repeated_product() => FiniteLog.Sample(x =>
    {
        LogNumber<T> a = LogNumber<T>.FromLog(x), two = LogNumber<T>.Pow(a, T.CreateTruncating(2));
        return Same(LogNumber<T>.Sqrt(two), a) && Same(two, a * a) && Same(LogNumber<T>.Pow(a, T.NegativeOne), LogNumber<T>.Reciprocal(a))
            && Within(1.5, 3 * Size(x), LogNumber<T>.Pow(a, T.CreateTruncating(3)).Log, (a * a * a).Log);
    });

    [Fact]
    public void The_order_of_numbers_is_the_order_of_their_values() => Gen.Select(AnySigned, AnySigned).Sample((a, b) =>
    {
        if (SignedLogNumber<T>.IsNaN(a) || SignedLogNumber<T>.IsNaN(b))
            return !(a < b) && !(a > b) && !(a <= b) && !(a >= b) && a != b;

        // Values may be equal where the numbers are not: the logarithm has more range, and next to 1 more digits.
        double x = double.CreateTruncating(a), y = double.CreateTruncating(b);
        bool agrees = x < y ? a < b : x > y ? a > b : x != 0 || a.Log == b.Log || a != b;
        return agrees && (a < b) == (b > a) && (a <= b) == (a < b || a == b) && (a >= b) == !(a < b) && (a != b) == !(a == b)
            && Math.Sign(a.CompareTo(b)) == (a < b ? -1 : a > b ? 1 : 0);
    });

    [Fact]
    public void Sorting_puts_NaN_first_and_numbers_in_order() => AnySigned.Array[2, 20].Sample(numbers =>
    {
        Array.Sort(numbers);
        for (int i = 1; i < numbers.Length; i++)
        {
            if (!(numbers[i - 1] <= numbers[i] || SignedLogNumber<T>.IsNaN(numbers[i - 1])))
                return false;
        }

        return true;
    });

    [Fact]
    public void Equal_numbers_have_equal_hashes() => Gen.Select(AnySigned, AnySigned).Sample((a, b) =>
        a.Equals(b) == (a.CompareTo(b) == 0) && (!a.Equals(b) || a.GetHashCode() == b.GetHashCode()) && a.Equals((object)a));

    [Fact]
    public void A_sum_of_many_is_exact_but_for_what_cancels() => Gen.Select(FiniteLog.Where(x => Size(x) <= 5), Gen.OneOf(Gen.Const(-1), Gen.Const(1))).Array[1, 40].Sample(terms =>
    {
        SignedLogNumber<T>[] numbers = [.. terms.Select(term => SignedLogNumber<T>.FromLog(term.Item1, term.Item2))];
        double[] logs = [.. terms.Select(term => Wide(term.Item1))], weights = [.. terms.Select(term => (double)term.Item2)];
        SignedLogNumber<T> sum = SignedLogNumber<T>.Sum(numbers);

        // In double 2 ulps of log n, below 4, for each part; half an ulp of T for the result, a whole one in double.
        (BigFloat exact, int sign) = ExactLogDomain.LogSumExp<BigFloat>(logs, weights);
        BigFloat magnitudes = ExactLogDomain.LogSumExp<BigFloat>(logs);
        double condition = sign == 0 ? double.PositiveInfinity : BigFloat.Exp(magnitudes - exact).ToDouble();
        if (condition * 4 * Math.ScaleB(1, -52) >= 1)
            return Wide(sum.Log) <= magnitudes.ToDouble() + Math.Log(8 * Math.ScaleB(1, -52));   // nothing of the sum is left in double, not even its sign

        double allowed = (condition * 4 * Math.ScaleB(1, -52)) + Ulp(Math.Abs(exact.ToDouble()) + 1);
        return SignedLogNumber<T>.Sign(sum) == sign && BigFloat.Abs(BigFloat.From(Wide(sum.Log)) - exact).ToDouble() <= allowed;
    });

    [Fact]
    public void A_sum_and_a_product_of_unsigned_numbers_are_within_an_ulp() => FiniteLog.Array[1, 40].Sample(logs =>
    {
        LogNumber<T>[] numbers = [.. logs.Select(LogNumber<T>.FromLog)];
        BigFloat product = logs.Aggregate(BigFloat.Zero, (sum, log) => sum + BigFloat.From(Wide(log)));
        WorstError<T> sumError = new(), productError = new();
        sumError.SeeAgainst(LogNumber<T>.Sum(numbers).Log, ExactLogDomain.LogSumExp(logs.Select(Wide).ToArray()), logs.Max(Size) + 6, () => "sum");
        sumError.AssertWithin(Limits<T>.LogSumExp);
        productError.See(LogNumber<T>.Product(numbers).Log, product, () => "product");
        productError.AssertWithin(0.5);
    });

    [Fact]
    public void NaN_wins_on_either_side() => Assert.All((double[])[-0.2, 0, 3, -1000, double.NegativeInfinity, double.PositiveInfinity], log =>
    {
        SignedLogNumber<T> x = SignedLogNumber<T>.FromLog(T.CreateTruncating(log)), nan = SignedLogNumber<T>.NaN;
        Assert.All([x + nan, nan + x, x - nan, nan - x, nan + -x, -x + nan, x * nan, nan / x], result => Assert.True(SignedLogNumber<T>.IsNaN(result)));
    });

    private static bool Same(LogNumber<T> a, LogNumber<T> b) => Bits.Same(a.Log, b.Log) || (T.IsZero(a.Log) && T.IsZero(b.Log));

    private static bool Same(SignedLogNumber<T> a, SignedLogNumber<T> b) =>
        Same((LogNumber<T>)SignedLogNumber<T>.Abs(a), (LogNumber<T>)SignedLogNumber<T>.Abs(b))
        && (SignedLogNumber<T>.IsNaN(a) || SignedLogNumber<T>.IsZero(a) || SignedLogNumber<T>.IsNegative(a) == SignedLogNumber<T>.IsNegative(b));

    private static bool Within(double ulps, double size, T a, T b) => Math.Abs(Wide(a) - Wide(b)) <= ulps * Ulp(size);

    private static double Ulp(double size)
    {
        T magnitude = T.CreateTruncating(size);
        return Wide(T.BitIncrement(magnitude)) - Wide(magnitude);
    }

    private static double Size(T x) => Math.Abs(Wide(x));

    private static double Wide(T x) => double.CreateTruncating(x);
}

public sealed class LogNumberAlgebraOfDoubleTests : LogNumberAlgebraTests<double>;

public sealed class LogNumberAlgebraOfSingleTests : LogNumberAlgebraTests<float>;

public sealed class LogNumberAlgebraOfHalfTests : LogNumberAlgebraTests<Half>;

public sealed class LogNumberAlgebraOfBFloat16Tests : LogNumberAlgebraTests<BFloat16>;
