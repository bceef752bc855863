using System.Numerics;

namespace LogDomain.Tests.Oracle;

/// <summary>
/// A real number with far more bits and a far wider range than <see cref="double"/>. Formulas are written once over it
/// (<see cref="ExactLogDomain"/>) and run either in <see cref="BigFloat"/> or, for bulk, in <see cref="DoubleDouble"/>.
/// </summary>
/// <remarks>
/// Every operation has a small relative error, <see cref="Expm1"/> and <see cref="Log1p"/> at tiny arguments included.
/// There is no NaN and no +infinity. Minus infinity, the logarithm of zero, exists as a result and as nothing else.
/// </remarks>
public interface IReal<T> :
    IAdditionOperators<T, T, T>,
    ISubtractionOperators<T, T, T>,
    IMultiplyOperators<T, T, T>,
    IDivisionOperators<T, T, T>,
    IUnaryNegationOperators<T, T>,
    IComparisonOperators<T, T, bool>,
    IComparable<T>
    where T : struct, IReal<T>
{
    static abstract T Zero { get; }

    static abstract T One { get; }

    static abstract T NegativeInfinity { get; }

    /// <summary>The same number, exactly; -infinity is allowed, NaN and +infinity are not.</summary>
    static abstract T From(double value);

    static abstract T Exp(T x);

    static abstract T Expm1(T x);

    static abstract T Log(T x);

    static abstract T Log1p(T x);

    static abstract T Abs(T x);

    /// <summary>x * 2^n, exactly.</summary>
    static abstract T ScaleB(T x, long n);

    /// <summary>The e with 2^e &lt;= |x| &lt; 2^(e+1), for x other than 0.</summary>
    static abstract long ILogB(T x);

    int Sign { get; }

    bool IsNegativeInfinity { get; }

    /// <summary>The nearest double, ties to even.</summary>
    double ToDouble();

    BigFloat ToBigFloat();
}
