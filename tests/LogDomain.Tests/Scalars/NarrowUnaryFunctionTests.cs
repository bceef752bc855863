using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class HalfUnaryFunctionTests : NarrowUnaryFunctionTests<Half>;

public sealed class BFloat16UnaryFunctionTests : NarrowUnaryFunctionTests<BFloat16>;

/// <summary>All 65,536 numbers of a 16-bit type through every function of one: the results are the nearest numbers.</summary>
public abstract class NarrowUnaryFunctionTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static TheoryData<string> Names => [.. UnaryFunction.All.Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_result_is_correctly_rounded(string name)
    {
        UnaryFunction function = UnaryFunction.Of(name);
        Func<T, T> actual = LibraryFunctions<T>.Unary(name);
        ExactFunction exact = ExactFunctions.Unary(name);
        List<string> wrong = [];
        int looked = 0;
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            ushort narrow = (ushort)bits;
            T x = Unsafe.BitCast<ushort, T>(narrow);
            double wide = double.CreateTruncating(x);
            if (!T.IsFinite(x) || !function.Has(wide))
                continue;

            looked++;
            if (!exact.IsRounded(double.CreateTruncating(actual(x)), wide, wide, FormatOf<T>.Value))
                wrong.Add($"{name}({x:R}) is {actual(x):R} instead of {exact.Value(wide).ToDouble():R}");
        }

        Assert.NotEqual(0, looked);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {looked} are wrong: {string.Join("; ", wrong.Take(5))}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outside_the_domain_is_NaN(string name)
    {
        UnaryFunction function = UnaryFunction.Of(name);
        Func<T, T> actual = LibraryFunctions<T>.Unary(name);
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            T x = Unsafe.BitCast<ushort, T>((ushort)bits);
            double wide = double.CreateTruncating(x);
            if (double.IsNaN(wide) || wide < function.Low || wide > function.High)
                Assert.True(T.IsNaN(actual(x)), $"{name}({x:R}) is {actual(x):R}.");
        }
    }
}
