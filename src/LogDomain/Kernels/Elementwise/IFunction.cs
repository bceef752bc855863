namespace LogDomain.Kernels.Elementwise;

/// <summary>A function of one number.</summary>
internal interface IFunction
{
    /// <summary>The function of each lane, rounded to double. Lanes whose bit is set in <paramref name="rare"/> hold anything and are left to <see cref="Rare"/>; NaN is always rare.</summary>
    static abstract TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision;

    /// <summary>
    /// Whether the function is so short that two vectors at once, which the processor works on in turns, stay within the 512 variables for which the compiler inlines; beyond, every
    /// operation becomes a call.
    /// </summary>
    /// <typeparam name="T">What is in memory.</typeparam>
    static virtual bool IsShort<T>() => false;

    /// <summary>Whether floats have lanes of their own, twice as many: <see cref="OfSingles"/>.</summary>
    static virtual bool HasSingles => false;

    /// <summary>The function of each lane of float. Lanes whose bit is set in <paramref name="rare"/> are left to <see cref="Of"/>.</summary>
    static virtual TLanes OfSingles<TLanes>(TLanes x, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes> => throw new NotSupportedException();

    /// <summary>The function of a number that the lanes cannot do: outside the domain, at its ends, where a result is subnormal, next to a root. Never NaN.</summary>
    static abstract double Rare(double x);
}

/// <summary>A function of two numbers.</summary>
internal interface IFunctionOfTwo
{
    /// <summary>The function of each pair of lanes, as <see cref="IFunction.Of"/>.</summary>
    static abstract TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision;

    /// <summary>As <see cref="IFunction.IsShort"/>.</summary>
    static virtual bool IsShort<T>() => false;

    /// <summary>As <see cref="IFunction.HasSingles"/>.</summary>
    static virtual bool HasSingles => false;

    /// <summary>As <see cref="IFunction.OfSingles"/>.</summary>
    static virtual TLanes OfSingles<TLanes>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes> => throw new NotSupportedException();

    /// <summary>The function of two numbers that the lanes cannot do. Neither is NaN.</summary>
    static abstract double Rare(double x, double y);
}
