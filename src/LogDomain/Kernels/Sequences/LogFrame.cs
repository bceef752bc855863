using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Sequences;

/// <summary>The factor that all numbers of a <see cref="ChainState"/> share: <c>2^exponent * e^(high + low)</c>. Powers of two are counted, logarithms are added without error.</summary>
internal struct LogFrame
{
    private double _exponent, _high, _low;

    /// <summary>The logarithm of the factor.</summary>
    public readonly DoubleDouble Value => (DoubleDouble.Ln2 * _exponent) + new DoubleDouble(_high, _low);

    /// <summary>The logarithm of a number in this frame, rounded once.</summary>
    public readonly double LogOf(double value) => value == 0 ? double.NegativeInfinity : (Value + DoubleDouble.Log(value)).Value;

    /// <summary>Multiplies by 2^exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scale(double exponent) => _exponent += exponent;

    /// <summary>Multiplies by e^logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double logarithm)
    {
        (_high, double error) = LogSumState.TwoSum(_high, logarithm);
        _low += error;
    }
}
