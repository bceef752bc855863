using System.Numerics;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleElementwiseTests : ElementwiseTests<float>;

public sealed class DoubleElementwiseTests : ElementwiseTests<double>;

public sealed class HalfElementwiseTests : ElementwiseTests<Half>;

public sealed class BFloat16ElementwiseTests : ElementwiseTests<BFloat16>;

/// <summary>The span form of a function is the function: its bits do not depend on the length, the place or the neighbours of an element.</summary>
public abstract class ElementwiseTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Longest = 70;

    // Elements by which a start is moved off a vector's boundary: all that there are for 64 bytes of 16-bit elements.
    private const int Alignments = 32;

    private static readonly T Poison = T.CreateTruncating(-12345);

    public static TheoryData<string> Unary => [.. UnaryFunction.All.Select(function => function.Name)];

    public static TheoryData<string> Binary => [.. BinaryFunction.All.Where(function => !function.HasSharpness).Select(function => function.Name)];

    public static TheoryData<string> Scaled => [.. BinaryFunction.All.Where(function => function.HasSharpness).Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Unary))]
    public void Every_length_and_alignment_gives_the_bits_of_the_scalar_call(string name)
    {
        Func<T, T> scalar = LibraryFunctions<T>.Unary(name);
        UnarySpan<T> span = LibraryFunctions<T>.UnarySpan(name);
        AssertSame(name, Inputs(name, seed: 1), (x, _, destination) => span(x, destination), (x, _) => scalar(x));
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void Every_length_and_alignment_of_two_spans_gives_the_bits_of_the_scalar_call(string name)
    {
        Func<T, T, T> scalar = LibraryFunctions<T>.Binary(name);
        AssertSame(name, Inputs("Softplus", seed: 2), LibraryFunctions<T>.BinarySpan(name), scalar);
    }

    [Theory]
    [MemberData(nameof(Scaled))]
    public void Every_length_and_alignment_with_a_sharpness_gives_the_bits_of_the_scalar_call(string name)
    {
        Func<T, T, T> scalar = LibraryFunctions<T>.Binary(name);
        ScaledSpan<T> span = LibraryFunctions<T>.ScaledSpan(name);
        foreach (double sharpness in (double[])[0.75, 1, 20, 1e-3, 0, -1, double.NaN, double.PositiveInfinity])
        {
            T wide = T.CreateTruncating(sharpness);
            AssertSame($"{name} with {sharpness}", Inputs("Softplus", seed: 3), (x, _, destination) => span(x, wide, destination), (x, _) => scalar(x, wide));
        }
    }

    [Theory]
    [MemberData(nameof(Unary))]
    public void In_place_gives_the_same_bits(string name)
    {
        UnarySpan<T> span = LibraryFunctions<T>.UnarySpan(name);
        T[] x = Inputs(name, seed: 4), expected = new T[x.Length];
        span(x, expected);
        span(x, x);
        Bits.AssertSame<T>(expected, x, name);
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void In_place_of_either_argument_or_of_both_gives_the_same_bits(string name)
    {
        BinarySpan<T> span = LibraryFunctions<T>.BinarySpan(name);
        T[] x = Inputs("Softplus", seed: 5), y = Shifted(x), expected = new T[x.Length];
        span(x, y, expected);
        foreach (bool first in (bool[])[true, false])
        {
            T[] a = [.. x], b = [.. y];
            span(a, b, first ? a : b);
            Bits.AssertSame<T>(expected, first ? a : b, $"{name} in place of {(first ? "x" : "y")}");
        }

        span(x, x, expected);
        span(x, x, x);
        Bits.AssertSame<T>(expected, x, $"{name} in place of both");
    }

    // A read or write one element too far ends the process.
    [Theory]
    [MemberData(nameof(Unary))]
    public void Nothing_outside_the_spans_is_touched(string name)
    {
        UnarySpan<T> span = LibraryFunctions<T>.UnarySpan(name);
        using GuardedPages source = new(4096), target = new(4096);
        for (int length = 0; length <= Longest; length++)
        {
            span(source.First<T>(length), target.Last<T>(length));
            span(source.Last<T>(length), target.First<T>(length));
        }
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void Nothing_outside_three_spans_is_touched(string name)
    {
        BinarySpan<T> span = LibraryFunctions<T>.BinarySpan(name);
        using GuardedPages x = new(4096), y = new(4096), target = new(4096);
        for (int length = 0; length <= Longest; length++)
        {
            span(x.First<T>(length), y.Last<T>(length), target.Last<T>(length));
            span(x.Last<T>(length), y.First<T>(length), target.First<T>(length));
        }
    }

    [Theory]
    [MemberData(nameof(Unary))]
    public void Lengths_and_overlaps_that_do_not_fit_throw_and_nothing_is_written(string name)
    {
        UnarySpan<T> span = LibraryFunctions<T>.UnarySpan(name);
        T[] buffer = Sample.Normal<T>(40, seed: 6), before = [.. buffer];
        ArgumentException error = Throws("destination", () => span(buffer.AsSpan(0, 5), buffer.AsSpan(30, 4)));
        Assert.Contains("4", error.Message, StringComparison.Ordinal);
        Assert.Contains("5", error.Message, StringComparison.Ordinal);
        Throws("destination", () => span(buffer.AsSpan(0, 20), buffer.AsSpan(1, 20)));
        Throws("destination", () => span(buffer.AsSpan(1, 20), buffer.AsSpan(0, 20)));
        Throws("destination", () => span(buffer.AsSpan(0, 20), buffer.AsSpan(19)));
        Bits.AssertSame<T>(before, buffer, name);
        span(buffer.AsSpan(0, 20), buffer.AsSpan(20));
        span(buffer.AsSpan(20), buffer.AsSpan(0, 20));
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void Lengths_and_overlaps_of_two_inputs_that_do_not_fit_throw_and_nothing_is_written(string name)
    {
        BinarySpan<T> span = LibraryFunctions<T>.BinarySpan(name);
        T[] buffer = Sample.Normal<T>(60, seed: 7), other = Sample.Normal<T>(20, seed: 8), before = [.. buffer];
        ArgumentException error = Throws("y", () => span(buffer.AsSpan(0, 7), other.AsSpan(0, 6), buffer.AsSpan(30)));
        Assert.Contains("6", error.Message, StringComparison.Ordinal);
        Assert.Contains("7", error.Message, StringComparison.Ordinal);
        Throws("y", () => span(buffer.AsSpan(0, 6), other.AsSpan(0, 7), buffer.AsSpan(30)));
        Throws("destination", () => span(buffer.AsSpan(0, 6), other.AsSpan(0, 6), buffer.AsSpan(30, 5)));
        Throws("destination", () => span(buffer.AsSpan(0, 20), other, buffer.AsSpan(1, 20)));
        Throws("destination", () => span(other, buffer.AsSpan(0, 20), buffer.AsSpan(1, 20)));
        Throws("destination", () => span(other, buffer.AsSpan(1, 20), buffer.AsSpan(0, 20)));
        Bits.AssertSame<T>(before, buffer, name);
    }

    [Theory]
    [MemberData(nameof(Scaled))]
    public void Lengths_and_overlaps_with_a_sharpness_that_do_not_fit_throw_and_nothing_is_written(string name)
    {
        ScaledSpan<T> span = LibraryFunctions<T>.ScaledSpan(name);
        T[] buffer = Sample.Normal<T>(40, seed: 9), before = [.. buffer];
        Throws("destination", () => span(buffer.AsSpan(0, 5), T.One, buffer.AsSpan(30, 4)));
        Throws("destination", () => span(buffer.AsSpan(0, 20), T.One, buffer.AsSpan(1, 20)));
        Bits.AssertSame<T>(before, buffer, name);
    }

    private static void AssertSame(string name, T[] x, BinarySpan<T> span, Func<T, T, T> scalar)
    {
        T[] y = Shifted(x), expected = new T[x.Length];
        for (int i = 0; i < x.Length; i++)
            expected[i] = scalar(x[i], y[i]);

        T[] destination = new T[x.Length + Alignments];
        for (int length = 0; length <= Longest; length++)
        {
            int start = length % Alignments, at = (7 * length) % (x.Length - Longest);
            Check(at, length, start);
            Check((13 * length) % (x.Length - Longest), length, start: 0);
        }

        for (int start = 0; start < Alignments; start++)
        {
            for (int at = 0; at < Alignments; at++)
                Check(at, length: 37, start);
        }

        Check(at: 0, x.Length, start: 1);

        void Check(int at, int length, int start)
        {
            Array.Fill(destination, Poison);
            span(x.AsSpan(at, length), y.AsSpan(at, length), destination.AsSpan(start));
            Bits.AssertSame<T>(expected.AsSpan(at, length), destination.AsSpan(start, length), $"{name}, {length} elements from {at} to {start}");
            Assert.True(destination.AsSpan(0, start).IndexOfAnyExcept(Poison) < 0 && destination.AsSpan(start + length).IndexOfAnyExcept(Poison) < 0, name);
        }
    }

    private static T[] Shifted(T[] x) => [.. x[3..], .. x[..3]];

    /// <summary>Ordinary numbers, and among them what takes other ways: infinities, NaN, zeros, subnormal numbers, numbers outside the domain.</summary>
    private static T[] Inputs(string domain, ulong seed)
    {
        UnaryInputs inputs = new(UnaryFunction.Of(domain), seed, FormatOf<T>.Value);
        T[] special =
        [
            T.NaN, T.PositiveInfinity, T.NegativeInfinity, T.Zero, T.NegativeZero, T.Epsilon, -T.Epsilon, T.One, -T.One, T.CreateTruncating(-3),
            T.CreateTruncating(0.5),
        ];
        RandomBits random = new(seed);
        return [.. Enumerable.Range(0, 300).Select(i => random.Next(6) == 0 ? special[random.Next(special.Length)] : T.CreateTruncating(inputs.Next()))];
    }

    private static ArgumentException Throws(string parameter, Action action)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(action);
        Assert.Equal(parameter, error.ParamName);
        return error;
    }
}
