namespace LogDomain.Kernels;

/// <summary>
/// The tail of a log-sum state, every term but the largest, as sums of the terms and of their squares that have the same bits in any order.
/// The default is the empty tail. See <see cref="BinnedSum"/>.
/// </summary>
internal struct BinnedTail
{
    public double Largest;
    public BinnedSum Sum;
    public BinnedSum Squares;

    /// <summary>Terms are not zero, so neither is a sum of any.</summary>
    public readonly bool IsEmpty => Sum.IsZero;

    public readonly BinnedFrame Frame => new(Largest);

    /// <summary>Adds e^x for a finite x.</summary>
    public void Add(double x)
    {
        RaiseTo(x);
        Frame.Add(new BinnedTerm(x), 1, ref Sum, ref Squares);
    }

    /// <summary>Takes away e^x, which was added.</summary>
    public void Remove(double x) => Frame.Add(new BinnedTerm(x), -1, ref Sum, ref Squares);

    /// <summary>Makes room for terms up to e^x.</summary>
    public void RaiseTo(double x)
    {
        if (IsEmpty)
        {
            Largest = x;
        }
        else if (x > Largest)
        {
            new BinnedFrame(x).Raise(Frame, ref Sum, ref Squares);
            Largest = x;
        }
    }

    /// <summary>Adds the terms of another tail.</summary>
    public void Add(in BinnedTail other)
    {
        if (other.IsEmpty)
        {
            return;
        }

        RaiseTo(other.Largest);
        BinnedFrame frame = Frame, otherFrame = other.Frame;
        if (frame == otherFrame)
        {
            Sum.Add(other.Sum);
            Squares.Add(other.Squares);
        }
        else
        {
            AddRaised(other, frame, otherFrame);
        }
    }

    /// <summary>Whether a number of terms, each of e^Largest at most and one that large, can have these bins.</summary>
    public readonly bool IsPossible(long terms)
    {
        BinnedTerm term = new(Largest);
        BinnedFrame frame = Frame;
        int exponent = (int)(term.Exponent - frame.Exponent), square = (int)((2 * term.Exponent) - frame.SquareExponent);
        return Sum.IsBetween(ScalarFunctions.Scale(term.Significand, exponent), ScalarFunctions.Scale(1, exponent + 1), terms)
            && Squares.IsBetween(ScalarFunctions.Scale(term.Significand * term.Significand, square), ScalarFunctions.Scale(1, square + 2), terms);
    }

    private void AddRaised(in BinnedTail other, in BinnedFrame frame, in BinnedFrame otherFrame)
    {
        (BinnedSum sum, BinnedSum squares) = (other.Sum, other.Squares);
        frame.Raise(otherFrame, ref sum, ref squares);
        Sum.Add(sum);
        Squares.Add(squares);
    }

    /// <summary>
    /// The sums of terms and squares as parts of e^max and e^(2 max): the sum over the largest term, both in the same bins, times e^(Largest - max). So
    /// n equal terms are n times one of them exactly.
    /// </summary>
    public readonly (DoubleDouble Sum, DoubleDouble Squares) RelativeTo(double max)
    {
        if (IsEmpty)
        {
            return default;
        }

        BinnedTerm term = new(Largest);
        BinnedFrame frame = Frame;
        DoubleDouble sum = Divide(Sum.Total(), term.Significand, term.Exponent - frame.Exponent);
        DoubleDouble squares = Divide(Squares.Total(), term.Significand * term.Significand, (2 * term.Exponent) - frame.SquareExponent);
        if (Largest == max)
        {
            return (sum, squares);
        }

        // e^-1000 is nothing beside 1, even 2^63 times. In halves, because n e^d can be a number where e^d is none.
        (double difference, double error) = LogSumState.TwoSum(Largest, -max);
        if (difference < -1000)
        {
            return default;
        }

        DoubleDouble half = DoubleDouble.Exp(0.5 * difference) * new DoubleDouble(1, 0.5 * error);
        return (sum * half * half, squares * half * half * half * half);
    }

    private static DoubleDouble Divide(DoubleDouble total, double significand, long exponent) =>
        BinnedLogarithm.Divide(total, new(ScalarFunctions.Scale(significand, exponent), 0));
}
