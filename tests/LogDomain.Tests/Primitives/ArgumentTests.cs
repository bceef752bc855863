using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleArgumentTests : ArgumentTests<float>;

public sealed class DoubleArgumentTests : ArgumentTests<double>;

public sealed class HalfArgumentTests : ArgumentTests<Half>;

public sealed class BFloat16ArgumentTests : ArgumentTests<BFloat16>;

/// <summary>Shapes that do not fit throw an exception that names the parameter and the number, and nothing is written.</summary>
public abstract class ArgumentTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void A_short_destination_throws(string operation)
    {
        var destination = new T[4];
        ArgumentException error = Throws("destination", () => RowOperations<T>.All[operation](new T[5], destination));
        Assert.Contains("4", error.Message, StringComparison.Ordinal);
        Assert.Contains("5", error.Message, StringComparison.Ordinal);
        Assert.All(destination, x => Assert.Equal(T.Zero, x));
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void A_destination_that_overlaps_in_part_throws(string operation)
    {
        T[] buffer = Sample.Normal<T>(40, seed: 1);
        T[] before = [.. buffer];
        Throws("destination", () => RowOperations<T>.All[operation](buffer.AsSpan(0, 20), buffer.AsSpan(1, 20)));
        Throws("destination", () => RowOperations<T>.All[operation](buffer.AsSpan(1, 20), buffer.AsSpan(0, 20)));
        Throws("destination", () => RowOperations<T>.All[operation](buffer.AsSpan(0, 20), buffer.AsSpan(19)));
        Bits.AssertSame<T>(before, buffer, operation);
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void A_destination_beside_the_input_is_no_overlap(string operation)
    {
        T[] buffer = Sample.Normal<T>(40, seed: 2);
        T[] expected = RowOperations<T>.Run(operation, buffer.AsSpan(20));
        RowOperations<T>.All[operation](buffer.AsSpan(20), buffer.AsSpan(0, 20));
        Bits.AssertSame<T>(expected, buffer.AsSpan(0, 20), operation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(int.MinValue)]
    public void A_row_length_that_is_no_divisor_throws(int rowLength)
    {
        T[] x = new T[12], y = new T[12];
        ArgumentException error = Throws("rowLength", () => LogPrimitives.LogSumExpRows<T>(x, rowLength, y));
        Assert.Contains($"{rowLength}", error.Message, StringComparison.Ordinal);
        Throws("rowLength", () => LogPrimitives.SoftMaxRows<T>(x, rowLength, y));
        Throws("rowLength", () => LogPrimitives.LogSoftMaxRows<T>(x, rowLength, y));
    }

    [Fact]
    public void A_destination_for_fewer_rows_throws()
    {
        T[] x = new T[12], y = new T[11];
        Throws("destination", () => LogPrimitives.LogSumExpRows<T>(x, 4, new T[2]));
        Throws("destination", () => LogPrimitives.SoftMaxRows<T>(x, 4, y));
        Throws("destination", () => LogPrimitives.LogSoftMaxRows<T>(x, 4, y));
    }

    [Fact]
    public void A_destination_of_row_results_inside_the_rows_throws()
    {
        var x = new T[12];
        Throws("destination", () => LogPrimitives.LogSumExpRows<T>(x, 4, x.AsSpan(6)));
    }

    [Fact]
    public void No_elements_are_no_rows()
    {
        T[] y = [T.One];
        LogPrimitives.LogSumExpRows<T>([], 5, y);
        LogPrimitives.SoftMaxRows<T>([], 5, y);
        LogPrimitives.LogSoftMaxRows<T>([], 5, y);
        Assert.Equal(T.One, y[0]);
    }

    [Fact]
    public void An_upstream_gradient_of_another_length_throws()
    {
        T[] x = new T[6], y = new T[6];
        Throws("upstream", () => LogPrimitives.SoftMaxGradient<T>(x, new T[5], y));
        Throws("upstream", () => LogPrimitives.LogSoftMaxGradient<T>(x, new T[7], y));
    }

    private static ArgumentException Throws(string parameter, Action action)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(action);
        Assert.Equal(parameter, error.ParamName);
        return error;
    }
}
