using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleCrossEntropyOptionsTests : CrossEntropyOptionsTests<float>;

public sealed class DoubleCrossEntropyOptionsTests : CrossEntropyOptionsTests<double>;

public sealed class HalfCrossEntropyOptionsTests : CrossEntropyOptionsTests<Half>;

public sealed class BFloat16CrossEntropyOptionsTests : CrossEntropyOptionsTests<BFloat16>;

/// <summary>Every option against exact arithmetic, alone and together, with class indices and with probabilities.</summary>
public abstract class CrossEntropyOptionsTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Rows that are a tile with others, a block, longer than one, and longer than the scratch of a transformation.
    private static readonly int[] Lengths = [1, 2, 3, 10, 64, 100, 513, 1031, 4099];

    public static TheoryData<string> Names => [.. Options(1).Keys];

    // Transformed logits z are rounded to double, which shows in doubles alone: a probability by |z| / 2 ulps, and |z| is up to 25 in the rows with an ordinary
    // maximum.
    private static double Limit(string name) => Limits<T>.CrossEntropy + (typeof(T) == typeof(double) && name is "softcap" or "temperature" or "everything" ? 12 : 0);

    [Theory]
    [MemberData(nameof(Names))]
    public void Losses_and_gradients_are_within_their_limits(string name)
    {
        WorstError<T> lossError = new(), gradientError = new();
        foreach (int length in Lengths)
        {
            CrossEntropyOptions options = Sum(Options(length)[name]);
            for (int seed = 0; seed < 3; seed++)
            {
                T[] x = Row(length, seed);
                double[] wide = ExactLogDomain.Widen<T>(x), oneHot = new double[length];
                int target = seed == 2 ? Array.IndexOf(wide, wide.Max()) : length / 3;
                oneHot[target] = 1;
                Check(new(wide, oneHot, options), $"{name}, {length} classes, seed {seed}, class {target}", target, gradient =>
                    gradient == null ? CrossEntropy.Loss<T>(x, [target], options) : CrossEntropy.LossAndGradient<T>(x, [target], gradient, options));

                T[] probabilities = Probabilities(length, seed);
                Check(new(wide, ExactLogDomain.Widen<T>(probabilities), options), $"{name}, {length} probabilities, seed {seed}", -1, gradient =>
                    gradient == null
                        ? CrossEntropy.Loss<T>(x, probabilities, length, options)
                        : CrossEntropy.LossAndGradient<T>(x, probabilities, length, gradient, options));
            }

            void Check(ExactCrossEntropy exact, string where, int target, Func<T[]?, T> operation)
            {
                T[] gradient = new T[length];
                DoubleDouble loss = exact.Loss;
                lossError.See(operation(null), loss, () => where);
                lossError.See(operation(gradient), loss, () => where + ", with gradient");
                foreach (int j in (int[])[0, length / 3, length - 1])
                {
                    (DoubleDouble value, double size) = exact.Gradient(j, j == target);
                    gradientError.SeeAgainst(gradient[j], value, size, () => $"{where}, component {j}");
                }
            }
        }

        lossError.AssertWithin(Limit(name));
        gradientError.AssertWithin(Limit(name));
    }

    // Every rest that a vector, a group of vectors, a block and four blocks can leave.
    [Theory]
    [InlineData("weights and smoothing")]
    [InlineData("temperature")]
    [InlineData("everything")]
    public void Every_length_is_within_the_limits(string name)
    {
        WorstError<T> lossError = new(), gradientError = new();
        int block = typeof(T) == typeof(double) ? 512 : 1024;
        foreach (int length in Enumerable.Range(1, (4 * block) + 17).Where(n => n <= 150 || (n + 2) % block <= 4 || n == (4 * block) + 17))
        {
            CrossEntropyOptions options = Sum(Options(length)[name]);
            T[] x = Row(length, seed: 5), probabilities = Probabilities(length, seed: 5), gradient = new T[length + 3];
            double[] wide = ExactLogDomain.Widen<T>(x), oneHot = new double[length];
            int target = length - 1;
            oneHot[target] = 1;
            gradient.AsSpan().Fill(T.CreateTruncating(7));
            T loss = CrossEntropy.LossAndGradient<T>(x, [target], gradient, options);
            See(new(wide, oneHot, options), loss, target);
            loss = CrossEntropy.LossAndGradient<T>(x, probabilities, length, gradient, options);
            See(new(wide, ExactLogDomain.Widen<T>(probabilities), options), loss, -1);
            Assert.Equal([T.CreateTruncating(7), T.CreateTruncating(7), T.CreateTruncating(7)], gradient[length..]);

            void See(ExactCrossEntropy exact, T actual, int target)
            {
                lossError.See(actual, exact.Loss, () => $"{length} classes, class {target}");
                foreach (int j in (int[])[0, length / 2, length - 1])
                {
                    (DoubleDouble value, double size) = exact.Gradient(j, j == target);
                    gradientError.SeeAgainst(gradient[j], value, size, () => $"{length} classes, class {target}, component {j}");
                }
            }
        }

        lossError.AssertWithin(Limit(name));
        gradientError.AssertWithin(Limit(name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_rows_have_no_loss(string name)
    {
        CrossEntropyOptions options = Options(3)[name];
        Assert.True(T.IsNaN(CrossEntropy.Loss<T>([], [], 3, options)));
        Assert.Equal(T.Zero, CrossEntropy.Loss<T>([], [], 3, Sum(options)));
        T[] gradient = [T.One], losses = [T.One];
        CrossEntropy.LossAndGradient<T>([], [], 3, gradient, options);
        CrossEntropy.LossPerRow<T>([], [], 3, losses, options);
        Assert.Equal([T.One], gradient);
        Assert.Equal([T.One], losses);
    }

    // A softcap makes finite numbers of infinite ones, and NaN stays.
    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_without_probabilities_are_NaN_in_every_place(string name)
    {
        foreach (int length in (int[])[1, 2, 17, 100, 1100, 5000])
        {
            CrossEntropyOptions options = Options(length)[name];
            T[] targets = Sample.Row<T>(length, _ => 1.0 / length);
            foreach (T special in (T[])[T.NaN, T.PositiveInfinity, T.NegativeInfinity])
            {
                if (options.Softcap is not null && !T.IsNaN(special))
                    continue;

                T[] x = Row(length, seed: 1), gradient = new T[length];
                if (T.IsNegativeInfinity(special))
                    x.AsSpan().Fill(special);
                else
                    x[length / 2] = special;

                string where = $"{name}, {length} classes, {special}";
                Assert.True(T.IsNaN(CrossEntropy.Loss<T>(x, [0], options)), where);
                Assert.True(T.IsNaN(CrossEntropy.Loss<T>(x, targets, length, options)), where);
                CrossEntropy.LossAndGradient<T>(x, [0], gradient, options);
                Assert.True(gradient.All(T.IsNaN), where);
                CrossEntropy.LossAndGradient<T>(x, targets, length, gradient, options);
                Assert.True(gradient.All(T.IsNaN), where);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_in_a_batch_has_the_bits_it_has_alone(string name)
    {
        foreach (int length in Lengths)
        {
            CrossEntropyOptions options = Sum(Options(length)[name]);
            const int Rows = 11;
            T[] x = [.. Enumerable.Range(0, Rows).SelectMany(row => Row(length, row))], gradient = new T[x.Length], losses = new T[Rows];

            // One row of its own kind, for which the whole tile may go another way.
            x.AsSpan(3 * length, length).Fill(T.NegativeInfinity);
            T[] probabilities = [.. Enumerable.Range(0, Rows).SelectMany(row => Probabilities(length, row))];
            int[] targets = [.. Enumerable.Range(0, Rows).Select(row => row * 7 % length)];
            CrossEntropy.LossAndGradient<T>(x, targets, gradient, options);
            CrossEntropy.LossPerRow<T>(x, targets, losses, options);
            T[] denseGradient = [.. x], denseLosses = new T[Rows];
            CrossEntropy.LossPerRow<T>(x, probabilities, length, denseLosses, options);
            CrossEntropy.LossAndGradient<T>(denseGradient, probabilities, length, denseGradient, options);
            for (int row = 0; row < Rows; row++)
            {
                Range range = (row * length)..((row + 1) * length);
                T[] alone = new T[length], loss = new T[1];
                CrossEntropy.LossAndGradient<T>(x[range], targets.AsSpan(row, 1), alone, options);
                CrossEntropy.LossPerRow<T>(x[range], targets.AsSpan(row, 1), loss, options);
                Bits.AssertSame<T>(alone, gradient[range], $"{name}: gradient of row {row} of {length}");
                Bits.AssertSame<T>(loss, losses[row..(row + 1)], $"{name}: loss of row {row} of {length}");
                CrossEntropy.LossAndGradient<T>(x[range], probabilities.AsSpan()[range], length, alone, options);
                CrossEntropy.LossPerRow<T>(x[range], probabilities.AsSpan()[range], length, loss, options);
                Bits.AssertSame<T>(alone, denseGradient[range], $"{name}: gradient of row {row} of {length} probabilities, in place");
                Bits.AssertSame<T>(loss, denseLosses[row..(row + 1)], $"{name}: loss of row {row} of {length} probabilities");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_change_no_bit(string name)
    {
        const int Classes = 517, Rows = 150;
        T[] x = Sample.Normal<T>(Rows * Classes, seed: 3), probabilities = Sample.Row<T>(x.Length, i => i % 5), expected = new T[x.Length], actual = new T[x.Length];
        int[] targets = [.. Enumerable.Range(0, Rows).Select(row => row * 31 % Classes)];
        foreach (bool dense in (bool[])[false, true])
        {
            T one = Run(expected, 1);
            foreach (int threads in (int[])[2, 7])
            {
                Bits.AssertSame<T>([one], [Run(actual, threads)], $"{name}, {threads} threads");
                Bits.AssertSame<T>(expected, actual, $"{name}, {threads} threads");
            }

            T Run(T[] gradient, int threads)
            {
                CrossEntropyOptions options = Sum(Options(Classes)[name], threads);
                return dense
                    ? CrossEntropy.LossAndGradient<T>(x, probabilities, Classes, gradient, options)
                    : CrossEntropy.LossAndGradient<T>(x, targets, gradient, options);
            }
        }
    }

    /// <summary>Each option, and all that go together, for a number of classes.</summary>
    private static Dictionary<string, CrossEntropyOptions> Options(int classes)
    {
        double[] weights = [.. Enumerable.Range(0, classes).Select(j => 0.25 * (1 + (j * 5 % 7)))];
        Dictionary<string, CrossEntropyOptions> options = new()
        {
            ["none"] = new(),
            ["class weights"] = new() { ClassWeights = weights },
            ["smoothing of all"] = new() { LabelSmoothing = 0.1 },
            ["smoothing of the others"] = new() { LabelSmoothing = 0.1, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses },
            ["z-loss"] = new() { ZLoss = 1e-3 },
            ["softcap"] = new() { Softcap = 30 },
            ["temperature"] = new() { Temperature = 0.7 },
            ["weights and smoothing"] = new() { ClassWeights = weights, LabelSmoothing = 0.2 },
            ["weights and smoothing of the others"] =
                new() { ClassWeights = weights, LabelSmoothing = 0.2, LabelSmoothingConvention = LabelSmoothingConvention.OtherClasses },
            ["everything"] = new() { ClassWeights = weights, LabelSmoothing = 0.05, ZLoss = 1e-4, Softcap = 15, Temperature = 1.5 },
        };

        // Transformed logits down to -1000, whose roundings to float would be 500 ulps of a probability. Those to double are.
        if (typeof(T) != typeof(double))
            options["low temperature"] = new() { Temperature = 0.05, ZLoss = 1e-6 };

        return options;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_that_does_not_count_has_no_gradient_whatever_it_holds(string name)
    {
        foreach (int length in (int[])[3, 64, 1100])
        {
            CrossEntropyOptions given = Options(length)[name];
            CrossEntropyOptions options = new()
            {
                IgnoreIndex = 1,
                ClassWeights = given.ClassWeights,
                LabelSmoothing = given.LabelSmoothing,
                LabelSmoothingConvention = given.LabelSmoothingConvention,
                ZLoss = given.ZLoss,
                Softcap = given.Softcap,
                Temperature = given.Temperature,
            };
            T[] x = [.. Row(length, seed: 1), .. Row(length, seed: 2), .. Row(length, seed: 3)], gradient = new T[x.Length], losses = new T[3];
            x.AsSpan(length, length).Fill(T.NaN);
            CrossEntropy.LossPerRow<T>(x, [0, 1, 2], losses, options);
            Assert.True(T.IsFinite(CrossEntropy.LossAndGradient<T>(x, [0, 1, 2], gradient, options)));
            Assert.Equal(T.Zero, losses[1]);
            Assert.All(gradient[length..(2 * length)], value => Assert.Equal(T.Zero, value));
        }
    }

    private static CrossEntropyOptions Sum(CrossEntropyOptions o, int threads = -1) => new()
    {
        Reduction = Reduction.Sum,
        ClassWeights = o.ClassWeights,
        LabelSmoothing = o.LabelSmoothing,
        LabelSmoothingConvention = o.LabelSmoothingConvention,
        ZLoss = o.ZLoss,
        Softcap = o.Softcap,
        Temperature = o.Temperature,
        MaxDegreeOfParallelism = threads,
    };

    private static T[] Row(int length, int seed)
    {
        T[] row = Sample.Normal<T>(length, seed);
        if (seed == 1)
            row[length / 2] = T.CreateTruncating(40);

        return row;
    }

    private static T[] Probabilities(int length, int seed)
    {
        Random random = new(seed);
        double[] weights = [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? 0 : random.NextDouble())];
        double sum = weights.Sum();
        return Sample.Row<T>(length, j => sum == 0 ? 1 : weights[j] / sum);
    }
}
